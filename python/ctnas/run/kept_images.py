"""What the images of a run are, so that they can be moved but not exchanged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.app.json_file import read_note, write_json
from ctnas.errors import ConfigurationError
from ctnas.training.images import is_known_by_name

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.supernet import ImageSplits


def keep_images(
    config: RunConfig, directory: RunDirectory, splits: ImageSplits, progress: Progress
) -> None:
    """Note once what images a run begins with; later, refuse others and say if they have moved.

    Raises:
        ConfigurationError: if they are others than those that the run began with.
    """
    place = str(config.data or config.dataset)
    if not directory.image_note.exists():
        write_json(directory.image_note, {"sha256": splits.digest, "place": place})
        return
    check_images(config, directory, splits)
    (before,) = read_note(directory.image_note, "place")
    if place != before:
        progress.say(f"The images that lay in {before} are now those in {place}; they are equal.")


def check_images(config: RunConfig, directory: RunDirectory, splits: ImageSplits) -> None:
    """Refuse images that are not those that a run began with.

    Raises:
        ConfigurationError: if they are others.
    """
    if not directory.image_note.exists():
        return
    sha256, before = read_note(directory.image_note, "sha256", "place")
    if splits.digest != sha256:
        place = str(config.data or config.dataset)
        raise ConfigurationError(
            f"{place!r} has other images than those that this run began with, from {before!r}; "
            "wherever those lie now is given by --data"
        )


def with_moved_images(config: RunConfig, before: RunConfig) -> RunConfig:
    """Return settings where a data set that is given by another path is the one that has moved."""
    by_name = is_known_by_name(before.dataset) or is_known_by_name(config.dataset)
    if by_name or config.dataset == before.dataset or before.labels is not None:
        return config
    return replace(config, dataset=before.dataset, data=Path(config.dataset))
