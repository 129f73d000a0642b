"""How a queue changes the tables of an Optuna storage: every step is one transaction.

Optuna's own interface needs a transaction for every attribute and another one for the state, and
reads before it writes; that takes several times as long. What is written here is what Optuna 5
writes: its states, naive times in UTC, attributes as JSON. A step happens only from the states that
it may start from; the database decides who was first.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Engine, TableClause

Attributes = dict[str, str | int | float | bool]


def append_waiting(engine: Engine, study_id: int, trials: Sequence[Attributes]) -> None:
    """Add waiting trials with these attributes to a study, all or none."""
    from sqlalchemy import text

    study = {"study": study_id}
    count = text("SELECT count(*) FROM trials WHERE study_id = :study")
    added = text("INSERT INTO trials (number, study_id, state) VALUES (:number, :study, 'WAITING')")
    ids = text(
        "SELECT trial_id FROM trials WHERE study_id = :study AND number >= :first ORDER BY number"
    )
    with engine.begin() as connection:
        _lock_study(connection, study_id)
        first = int(connection.execute(count, study).scalar_one())
        rows = [{"number": first + offset, **study} for offset in range(len(trials))]
        connection.execute(added, rows)
        trial_ids = connection.execute(ids, {"first": first, **study}).scalars().all()
        _insert_attributes(connection, zip(trial_ids, trials, strict=True))


def take(engine: Engine, trial_id: int) -> bool:
    """Let a waiting trial run; return whether it was still waiting."""
    from sqlalchemy import text

    step = text(
        "UPDATE trials SET state = 'RUNNING', datetime_start = :now "
        "WHERE trial_id = :trial AND state = 'WAITING'"
    )
    with engine.begin() as connection:
        return connection.execute(step, {"trial": trial_id, "now": _now()}).rowcount == 1


def answer(engine: Engine, trial_id: int, value: float, attributes: Attributes) -> bool:
    """Complete an unfinished trial with its value; return whether it was unfinished.

    Args:
        engine: of the storage.
        trial_id: of the trial.
        value: finite.
        attributes: written with it, in place of those of the same name.
    """
    from sqlalchemy import text

    given = text(
        "INSERT INTO trial_values (trial_id, objective, value, value_type) "
        "VALUES (:trial, 0, :value, 'FINITE')"
    )
    with engine.begin() as connection:
        if not _finish(connection, trial_id, "COMPLETE"):
            return False
        connection.execute(given, {"trial": trial_id, "value": value})
        _set_attributes(connection, trial_id, attributes)
        return True


def fail(engine: Engine, trial_id: int, attributes: Attributes) -> bool:
    """Let an unfinished trial fail; return whether it was unfinished."""
    with engine.begin() as connection:
        if not _finish(connection, trial_id, "FAIL"):
            return False
        _set_attributes(connection, trial_id, attributes)
        return True


def give_back(engine: Engine, trial_id: int, attributes: Attributes) -> bool:
    """Let a running trial wait again; return whether it was running."""
    from sqlalchemy import text

    step = text("UPDATE trials SET state = 'WAITING' WHERE trial_id = :trial AND state = 'RUNNING'")
    with engine.begin() as connection:
        if connection.execute(step, {"trial": trial_id}).rowcount != 1:
            return False
        _set_attributes(connection, trial_id, attributes)
        return True


def _lock_study(connection: Connection, study_id: int) -> None:
    """Keep others from adding trials until the transaction ends, as Optuna does."""
    from sqlalchemy import text

    # A transaction on an SQLite file locks all of it.
    if connection.dialect.name != "sqlite":
        lock = text("SELECT study_id FROM studies WHERE study_id = :study FOR UPDATE")
        connection.execute(lock, {"study": study_id})


def _finish(connection: Connection, trial_id: int, state: str) -> bool:
    """Set a final state; the row stays locked until the transaction ends."""
    from sqlalchemy import text

    step = text(
        f"UPDATE trials SET state = '{state}', datetime_complete = :now "
        "WHERE trial_id = :trial AND state IN ('WAITING', 'RUNNING')"
    )
    return connection.execute(step, {"trial": trial_id, "now": _now()}).rowcount == 1


def _set_attributes(connection: Connection, trial_id: int, attributes: Attributes) -> None:
    """Write attributes of a trial, in place of those of the same name."""
    if not attributes:
        return
    table = _attribute_table()
    old = (table.c.trial_id == trial_id) & table.c.key.in_(list(attributes))
    connection.execute(table.delete().where(old))
    _insert_attributes(connection, [(trial_id, attributes)])


def _insert_attributes(
    connection: Connection, trials: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    rows = [
        {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
        for trial_id, attributes in trials
        for key, value in attributes.items()
    ]
    connection.execute(_attribute_table().insert(), rows)


@cache
def _attribute_table() -> TableClause:
    # Not as text, because `key` is a word that some databases want quoted.
    from sqlalchemy import column, table

    names = ("trial_id", "key", "value_json")
    return table("trial_user_attributes", *(column(name) for name in names))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
