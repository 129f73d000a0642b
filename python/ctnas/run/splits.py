"""The images of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.supernet import load_images

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.supernet import ImageSplits


def load_splits(config: RunConfig, progress: Progress) -> ImageSplits:
    """Return the images that a run measures architectures on, and say how many there are.

    Raises:
        CtnasError: if they cannot be used.
    """
    splits = load_images(
        config.dataset,
        folder=config.data,
        image_size=config.supernet.image_size,
        seed=config.seed,
        validation_share=config.supernet.validation_share,
        limit=config.supernet.train_images,
        skip_corrupt=config.skip_corrupt,
    )
    for sentence in splits.left_out():
        progress.say(sentence)
    counts = (len(splits.train), len(splits.validation), len(splits.test))
    progress.say(
        f"{splits.name}: {counts[0]:,} training, {counts[1]:,} validation, "
        f"{counts[2]:,} test images of {len(splits.classes)} classes"
    )
    return splits
