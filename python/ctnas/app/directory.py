"""New directories of results, which are never mixed with what is there."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count
from typing import TYPE_CHECKING

from ctnas.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def fresh_path(parent: Path, name: str) -> Path:
    """Return a path that nothing has, of time and name: those of one second are counted."""
    now = datetime.now().astimezone()
    first = parent / f"{now:%Y%m%d-%H%M%S}-{name}"
    later = (first.with_name(f"{first.name}-{number}") for number in count(2))
    return next(path for path in chain([first], later) if not path.exists())


def make_vacant(path: Path) -> None:
    """Make a directory.

    Raises:
        OutputError: if it exists and is not empty, or cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror}") from None
    check_vacant(path)


def check_vacant(path: Path) -> None:
    """Raise OutputError if a directory holds anything but hidden files, or cannot be read."""
    try:
        occupied = path.is_dir() and any(entry.name[0] != "." for entry in path.iterdir())
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror}") from None
    if occupied:
        raise OutputError(
            f"{str(path)!r} is not empty; choose another --out, or go on with --resume"
        )
