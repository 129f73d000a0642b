"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.errors import CtnasError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_KEPT = 230
"""Bytes of a name that its temporary name has: both have at most 255, as does what SQLite adds."""


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file under a temporary name; it takes its final name when the block succeeds.

    Args:
        path: the final name. What stood there before stays until it is replaced.

    Yields:
        A name in the same directory, with the same suffix, to which the block writes.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    path = Path(path)
    temporary = _temporary_name(path)
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
    except CtnasError:
        # Some are errors of the operating system as well, but not of this file.
        raise
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        _remove(temporary)


@contextmanager
def replacing_directory(
    path: str | Path, may_replace: Callable[[Path], bool] = lambda _: False
) -> Iterator[Path]:
    """Write a directory under a temporary name; it takes its final name when the block succeeds.

    Args:
        path: the final name. An empty directory may stand there.
        may_replace: whether a directory that is not empty is replaced. It is moved aside first, and
            removed when the new one has its name.

    Yields:
        An empty directory beside it, which the block fills.

    Raises:
        OutputError: if there is something else at `path`, or the directory cannot be written;
            nothing is left behind.
    """
    path = Path(path)
    aside, temporary = (_temporary_name(path) for _ in range(2))
    try:
        _check_replaceable(path, may_replace)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        for folder, _, files in os.walk(temporary):
            for file in files:
                _flush(Path(folder, file))
        if path.exists():
            path.replace(aside)
        temporary.replace(path)
    except CtnasError:
        # Some are errors of the operating system as well, but not of this file.
        raise
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        if aside.exists() and not path.exists():
            aside.replace(path)
        for left in (temporary, aside):
            shutil.rmtree(left, ignore_errors=True)


def _temporary_name(path: Path) -> Path:
    name = path.name
    while len(os.fsencode(name)) > _LONGEST_KEPT:
        name = name[1:]
    return path.with_name(f".{secrets.token_hex(4)}-{name}")


def _check_replaceable(path: Path, may_replace: Callable[[Path], bool]) -> None:
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_dir():
        raise OutputError(f"cannot write {str(path)!r}: there is something that is no directory")
    if any(path.iterdir()) and not may_replace(path):
        raise OutputError(f"cannot write {str(path)!r}: it holds other things; choose another name")


def _flush(path: Path) -> None:
    """Wait until the contents of a file have reached the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # Its directory vanished or is not one: the reason has been reported already.
        return
