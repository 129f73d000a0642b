"""Opening the database of a ledger, and saying in one line why that failed."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ctnas.app.silence import silenced
from ctnas.errors import (
    ConfigurationError,
    CtnasError,
    InputFileError,
    LabelError,
    OutputError,
    first_line,
)
from ctnas.extras import missing_package
from ctnas.labels.passwords import plain_url, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from optuna.storages import RDBStorage

_LOCK_SECONDS = 60
"""How long to wait for another process that writes to the same SQLite file."""


def is_url(location: str | Path) -> bool:
    """Return whether a location is the URL of a database, and not the name of a file."""
    return isinstance(location, str) and "://" in location


def database_url(location: str | Path) -> str:
    """Return the URL of a location, whatever characters the name of a file has."""
    if is_url(location):
        return plain_url(str(location))
    from sqlalchemy import URL

    # A name that is no UTF-8 has no place in a URL: its bytes are opened, see `_options`.
    name = os.fsencode(location).decode(errors="replace")
    return URL.create("sqlite", database=name).render_as_string()


def _options(location: str | Path, url: str) -> dict[str, Any]:
    """Return how SQLAlchemy opens a database."""
    if not url.startswith("sqlite"):
        return {}
    if is_url(location):
        return {"connect_args": {"timeout": _LOCK_SECONDS}}
    connect = partial(
        sqlite3.connect, os.fspath(location), timeout=_LOCK_SECONDS, check_same_thread=False
    )
    return {"creator": connect}


def shown(location: str | Path) -> str:
    """Return a location as it may be printed: without the password in a URL."""
    if not is_url(location):
        return str(location)
    try:
        return without_password(str(location))
    except ConfigurationError:
        return "the given URL"


@contextmanager
def open_storage(location: str | Path, *, exclusive: bool = False) -> Iterator[RDBStorage]:
    """Open the storage; it stays open unless the block fails.

    Args:
        location: the file, or the URL of a database.
        exclusive: whether a transaction on an SQLite file locks it from its beginning. SQLite
            knows no locks of rows: without this two processes that read a state and then change
            it could both believe to have been the first.

    Raises:
        LabelError: if there is no such kind of database, or its tables are of another version.
        MissingPackageError: if the driver of PostgreSQL is not installed.
    """
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import ArgumentError

    url = database_url(location)
    try:
        with quiet():
            storage = RDBStorage(url, engine_kwargs=_options(location, url))
    except ImportError as error:
        raise _missing_driver(location, url, error) from None
    except ArgumentError as error:
        raise LabelError(f"{shown(location)} cannot be opened: {first_line(error)}") from None
    except RuntimeError as error:
        # Optuna: the tables belong to another version of it.
        raise LabelError(f"{shown(location)} cannot be used: {first_line(error)}") from None
    if exclusive and url.startswith("sqlite"):
        _begin_immediately(storage)
    try:
        yield storage
    except BaseException:
        close_storage(storage)
        raise


def _missing_driver(location: str | Path, url: str, error: ImportError) -> CtnasError:
    """Return what to say of a database whose driver cannot be imported."""
    # The URL of SQLAlchemy, not the user's: postgres:// means the same.
    if url.partition("://")[0] in ("postgresql", "postgresql+psycopg"):
        return missing_package("psycopg", shown(location))
    return LabelError(f"{shown(location)} cannot be opened: {first_line(error)}")


def _begin_immediately(storage: RDBStorage) -> None:
    """Take SQLite's write lock when a transaction begins and not at its first change."""
    from sqlalchemy import event

    # Connections that were made so far would go on beginning transactions by themselves.
    close_storage(storage)

    @event.listens_for(storage.engine, "connect")
    def no_implicit_begin(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(storage.engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def close_storage(storage: RDBStorage) -> None:
    """Close all connections."""
    storage.remove_session()
    storage.engine.dispose()


class StorageUser:
    """Holds a storage; a context manager that closes it.

    Args:
        storage: what is closed.
    """

    def __init__(self, storage: RDBStorage) -> None:
        self._storage = storage

    def close(self) -> None:
        """Close the connections to the database."""
        close_storage(self._storage)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def check_sqlite(path: Path) -> None:
    """Refuse a file that is missing or no Optuna storage, before anything is written to it.

    Raises:
        InputFileError: if it is missing or unreadable.
        LabelError: if it is something else.
    """
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror}") from None
    query = "SELECT count(*) FROM sqlite_master WHERE name IN ('studies', 'trials')"
    try:
        with closing(sqlite3.connect(path, timeout=_LOCK_SECONDS)) as connection:
            tables = connection.execute(query).fetchone()[0]
    except sqlite3.OperationalError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {_with_hint(error)}") from None
    except sqlite3.Error as error:
        raise LabelError(f"{path} is not a ledger: {error}") from None
    if tables != 2:
        raise LabelError(f"{path} is not a ledger: it is no Optuna storage")


@contextmanager
def readable(location: str | Path) -> Iterator[None]:
    """Turn the errors of a database that cannot be read into one line."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        raise InputFileError(f"cannot read {shown(location)!r}: {_cause(error)}") from error


@contextmanager
def writable(location: str | Path) -> Iterator[None]:
    """Turn the errors of a database that cannot be written into one line."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        raise OutputError(f"cannot write to {shown(location)!r}: {_cause(error)}") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from announcing what it does, here and nowhere else."""
    from optuna.exceptions import ExperimentalWarning

    with silenced(ExperimentalWarning), _silent_logger():
        yield


@contextmanager
def _silent_logger() -> Iterator[None]:
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _cause(error: BaseException) -> str:
    """Return what the database itself said."""
    while error.__cause__ is not None:
        error = error.__cause__
    original = getattr(error, "orig", None)
    return _with_hint(original if isinstance(original, Exception) else Exception(str(error)))


def _with_hint(error: Exception) -> str:
    """Return what a database said, and what that means where it may be unclear."""
    said = first_line(error)
    if "database is locked" in said:
        said += f": another process has been writing to it for more than {_LOCK_SECONDS} s"
    return said
