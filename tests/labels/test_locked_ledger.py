"""A ledger that another process keeps locked."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ctnas.errors import InputFileError
from ctnas.labels import Ledger, storage
from ctnas.spaces import NasBench201Space


def test_a_locked_ledger_is_called_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.db"
    Ledger.create(path, NasBench201Space(), "accuracy").close()
    monkeypatch.setattr(storage, "_LOCK_SECONDS", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputFileError, match="database is locked: another process has been"):
            Ledger.open(path)
    Ledger.open(path).close()
