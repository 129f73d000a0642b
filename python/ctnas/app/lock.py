"""One process at a time in a run directory."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = ".lock"
_LONGEST_PID = 20


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run directory; the operating system lets go of it however the process ends.

    Raises:
        ConfigurationError: if another process holds it; names its pid.
        OutputError: if the directory cannot be written.
    """
    try:
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"cannot write {str(directory)!r}: {error.strerror}") from None
    try:
        if not _take(descriptor):
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, _LONGEST_PID).decode("ascii", "replace").strip()
            raise ConfigurationError(
                f"{str(directory)!r} is in use by process {holder or 'unknown'}; "
                "wait for it, stop it, or choose another --out"
            )
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Lock an open file, without waiting; return whether it worked."""
    if sys.platform == "win32":
        import msvcrt

        # Beyond the pid, which stays readable.
        os.lseek(descriptor, _LONGEST_PID, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
