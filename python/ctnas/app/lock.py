"""One process at a time in a run directory."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from ctnas.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK, HOLDER = ".lock", ".holder"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run directory; the operating system lets go of it however the process ends.

    Raises:
        ConfigurationError: if another process holds it; names its pid.
        OutputError: if the directory cannot be written.
    """
    lock, holder = FileLock(directory / LOCK), directory / HOLDER
    try:
        lock.acquire(blocking=False)
        holder.write_text(str(os.getpid()))
    except Timeout:
        pid = holder.read_text().strip() if holder.exists() else ""
        raise ConfigurationError(
            f"{str(directory)!r} is in use by process {pid or 'unknown'}; "
            "wait for it, stop it, or choose another --out"
        ) from None
    except OSError as error:
        lock.release()
        raise OutputError(f"cannot write {str(directory)!r}: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()
