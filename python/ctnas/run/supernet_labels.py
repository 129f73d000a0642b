"""Labels by the weights that architectures inherit from a supernet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from ctnas.labels.label import Label
from ctnas.run.kept_images import check_images
from ctnas.supernet import Evaluator, load_images, train_supernets
from ctnas.supernet.layouts import space_of_layout
from ctnas.supernet.training import restore_supernets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch
    from ctnas.labels.label import Attribute
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.spaces import SearchSpace
    from ctnas.supernet import ImageSplits, Measurement, Supernet
    from ctnas.supernet.evaluation import Split


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


class SupernetLabels:
    """Gives labels with the weights that architectures inherit.

    Args:
        space: the search space.
        supernets: trained weights; of several, a measurement is the mean.
        splits: the images.
        config: the settings of the run.

    Attributes:
        space: the search space.
        metric: what the labels measure.
        classes: number of classes of the images.
    """

    def __init__(
        self,
        space: SearchSpace,
        supernets: Sequence[Supernet],
        splits: ImageSplits,
        config: RunConfig,
    ) -> None:
        self.space = space
        self.metric = config.metric or "log_likelihood"
        self.classes = len(splits.classes)
        self._evaluator = Evaluator(
            supernets,
            splits,
            calibration_images=config.supernet.calibration_images,
            seed=config.seed,
        )

    def labels(self, texts: Sequence[str]) -> Iterator[Label]:
        """Yield the label of each architecture, measured on validation images, once it is known."""
        for measured in self.measurements(self.space.parse(texts), "validation"):
            attributes: dict[str, Attribute] = {
                "accuracy": measured.accuracy,
                "log_likelihood": measured.log_likelihood,
            }
            if measured.top5 is not None:
                attributes["top5"] = measured.top5
            yield Label(getattr(measured, self.metric), attributes)

    def label(self, text: str) -> Label:
        """Return the label of one architecture."""
        return next(self.labels([text]))

    def measurements(self, batch: ArchitectureBatch, split: Split) -> Iterator[Measurement]:
        """Yield what each architecture achieves, once it is known."""
        return self._evaluator.measure(batch, split)


def restored_weights(
    config: RunConfig, directory: RunDirectory, progress: Progress
) -> SupernetLabels:
    """Return the weights that a run has trained, for a process that measures with them.

    Args:
        config: the settings of the run.
        directory: holds its checkpoint; nothing is written to it.
        progress: shows images.

    Raises:
        CtnasError: if checkpoint or images are missing, or not those of the run.
    """
    # Measuring takes one device, however many trained.
    config = replace(config, supernet=replace(config.supernet, devices=1, nodes=1, workers=0))
    splits = load_splits(config, progress)
    check_images(config, directory, splits)
    space = space_of_layout(config.space, config.supernet.layout(splits, config.space))
    supernets = restore_supernets(
        space,
        splits,
        config.supernet,
        seed=config.seed,
        checkpoint=directory.supernet_training,
    )
    # A measurement is done by one thread; whoever has more cores starts more workers.
    torch.set_num_threads(1)
    return SupernetLabels(space, supernets, splits, config)


def assist(config: RunConfig, progress: Progress) -> None:
    """Share the training of the supernet; the first process alone reads and writes files.

    Args:
        config: the settings, those of the first process.
        progress: shows images.

    Raises:
        CtnasError: if something cannot be done.
    """
    if config.labels is not None:
        return
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    splits = load_splits(config, progress)
    space = space_of_layout(config.space, config.supernet.layout(splits, config.space))
    train_supernets(space, splits, config.supernet, seed=config.seed)
