"""Directories that others made, an archive for instance, must not lead somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path


def check_confined(directory: Path) -> None:
    """Refuse a directory in which a symbolic link leads out of it.

    Whatever is written to or read from such a link would be somebody else's file. The directory
    itself may be a link.

    Raises:
        InputFileError: if there is one; the message names it and where it leads.
    """
    root = directory.resolve()
    for path in sorted(directory.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise InputFileError(
                f"{str(path)!r} is a link to {str(path.readlink())!r}, out of the directory; "
                "replace it by what it links to"
            )
