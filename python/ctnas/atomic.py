"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    temporary = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        _remove(temporary)


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
