"""Which files of an image folder are images of a class, and what else lies there."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from torchvision.datasets.folder import IMG_EXTENSIONS

from ctnas.errors import DatasetError, InputFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Identity: TypeAlias = tuple[int, int]
"""Device and inode: the same for every link to a file or folder."""

EXTENSIONS = (*IMG_EXTENSIONS, ".pbm", ".pnm")
_OF_SYSTEMS = frozenset(
    {"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "lost+found", "__pycache__"}
)
"""What file managers, archives and disks leave in folders, in small letters."""


@dataclass(slots=True)
class Uncounted:
    """What lies in an image folder and is not counted as an image, by reason.

    Attributes:
        counts: number of entries by reason.
        first: path of the first entry.
    """

    counts: Counter[str] = field(default_factory=Counter)
    first: str | None = None

    def add(self, path: str, reason: str) -> None:
        """Count an entry."""
        self.counts[reason] += 1
        self.first = self.first or path

    def __str__(self) -> str:
        """Say it in one line; nothing if there is nothing."""
        if self.first is None:
            return ""
        parts = ", ".join(f"{count:,} {reason}" for reason, count in self.counts.items())
        return f"not counted as images: {parts}; the first: {self.first}"


def list_images(
    folder: Path, classes: Sequence[str], uncounted: Uncounted
) -> list[tuple[str, int]]:
    """Return (path, label) of the images in the folders of classes, by class and path.

    Folders within them are searched too. Hidden entries, what systems leave behind, other kinds of
    files, a second link to a file, and links that lead back to a folder above are not counted.

    Args:
        folder: holds a folder for each class.
        classes: their names; the position is the label.
        uncounted: gets what is left out.

    Raises:
        InputFileError: if a folder cannot be read.
    """
    samples: list[tuple[str, int]] = []
    above = _identities(folder)
    for label, name in enumerate(classes):
        seen: set[Identity] = set()
        place = str(folder / name)
        paths = _images(place, above | {_identity(place)}, seen, uncounted)
        samples += [(path, label) for path in sorted(paths)]
    return samples


def class_folders(part: Path, uncounted: Uncounted) -> set[str]:
    """Return the names of the folders that are classes.

    Raises:
        DatasetError: if two of them are the same folder.
    """
    above = _identities(part)
    found: dict[Identity, str] = {}
    for entry in _entries(str(part)):
        if not entry.is_dir():
            continue
        identity = _identity(entry.path)
        reason = _reason(entry) or ("links that lead back" if identity in above else None)
        if reason is not None:
            uncounted.add(entry.path, reason)
        elif identity in found:
            raise DatasetError(
                f"classes {found[identity]!r} and {entry.name!r} of {part} are the same folder"
            )
        else:
            found[identity] = entry.name
    return set(found.values())


def _images(
    folder: str, above: frozenset[Identity], seen: set[Identity], uncounted: Uncounted
) -> Iterator[str]:
    """Yield the images below a folder; `above` are that folder and those that lead to it."""
    for entry in _entries(folder):
        reason = _reason(entry)
        if reason is not None:
            uncounted.add(entry.path, reason)
        elif entry.is_dir():
            identity = _identity(entry.path)
            if identity in above:
                uncounted.add(entry.path, "links that lead back")
            else:
                yield from _images(entry.path, above | {identity}, seen, uncounted)
        elif _is_first(entry, seen):
            yield entry.path
        else:
            uncounted.add(entry.path, "further links to the same file")


def _is_first(entry: os.DirEntry[str], seen: set[Identity]) -> bool:
    """Note a file; return whether it was not met before. A link to nothing is read later."""
    try:
        identity = _identity(entry.path)
    except OSError:
        return True
    first = identity not in seen
    seen.add(identity)
    return first


def _reason(entry: os.DirEntry[str]) -> str | None:
    """Return why an entry is no image and no folder of images, or None."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.name.lower() in _OF_SYSTEMS:
        return "left by other programs"
    if entry.is_dir():
        return None
    if not entry.name.lower().endswith(EXTENSIONS):
        return f"of other kinds ({os.path.splitext(entry.name)[1] or 'no extension'})"  # noqa: PTH122
    if _is_special(entry):
        return "no regular files"
    return None


def _is_special(entry: os.DirEntry[str]) -> bool:
    """Return whether reading an entry could wait forever: pipes, sockets, devices."""
    try:
        return not stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputFileError(f"cannot read {folder!r}: {error.strerror}") from error


def _identity(path: str) -> Identity:
    found = os.stat(path)  # noqa: PTH116
    return found.st_dev, found.st_ino


def _identities(folder: Path) -> frozenset[Identity]:
    """Return a folder and all folders above it."""
    whole = folder.resolve()
    return frozenset(_identity(str(each)) for each in (whole, *whole.parents))
