"""The tables of Optuna's storage that queues read and write directly have the layout they know."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ctnas.labels import Ledger
from ctnas.spaces import get_space

# Name, type and whether it must have a value.
LAYOUT = {
    "trials": [
        ("trial_id", "INTEGER", 1),
        ("number", "INTEGER", 0),
        ("study_id", "INTEGER", 0),
        ("state", "VARCHAR(8)", 1),
        ("datetime_start", "DATETIME", 0),
        ("datetime_complete", "DATETIME", 0),
    ],
    "trial_user_attributes": [
        ("trial_user_attribute_id", "INTEGER", 1),
        ("trial_id", "INTEGER", 0),
        ("key", "VARCHAR(512)", 0),
        ("value_json", "TEXT", 0),
    ],
    "trial_values": [
        ("trial_value_id", "INTEGER", 1),
        ("trial_id", "INTEGER", 1),
        ("objective", "INTEGER", 1),
        ("value", "FLOAT", 0),
        ("value_type", "VARCHAR(7)", 1),
    ],
    "trial_heartbeats": [
        ("trial_heartbeat_id", "INTEGER", 1),
        ("trial_id", "INTEGER", 1),
        ("heartbeat", "DATETIME", 1),
    ],
}


def test_tables_have_the_columns_that_queues_read_and_write(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    Ledger.create(path, get_space("nasbench201"), "accuracy").close()
    with closing(sqlite3.connect(path)) as database:
        found = {
            table: [row[1:4] for row in database.execute(f"PRAGMA table_info({table})")]
            for table in LAYOUT
        }
    assert found == LAYOUT
