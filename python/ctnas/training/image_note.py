"""What the images of a run or a training are, so that they can be moved but not exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.app.json_file import read_note, write_json
from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ctnas.training.image_set import ImageSplits


def keep_images(note: Path, splits: ImageSplits, place: str, say: Callable[[str], None]) -> None:
    """Note once what images were begun with; later, refuse others and say if they have moved.

    Args:
        note: the file of the note.
        splits: the images that are there now.
        place: where they lie, for people.
        say: takes a sentence for people.

    Raises:
        ConfigurationError: if they are others than those that were begun with.
    """
    if not note.exists():
        write_json(note, {"sha256": splits.digest, "place": place})
        return
    check_images(note, splits, place)
    (before,) = read_note(note, "place")
    if place != before:
        say(f"The images that lay in {before} are now those in {place}; they are equal.")


def check_images(note: Path, splits: ImageSplits, place: str) -> None:
    """Refuse images that are not those that were begun with, if any were noted.

    Raises:
        ConfigurationError: if they are others.
    """
    if not note.exists():
        return
    sha256, before = read_note(note, "sha256", "place")
    if splits.digest != sha256:
        raise ConfigurationError(
            f"{place!r} has other images than those that this run began with, from {before!r}; "
            "wherever those lie now is given by --data"
        )
