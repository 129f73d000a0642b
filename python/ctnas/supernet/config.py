"""The settings of a supernet. Importing this never imports PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ctnas.errors import ConfigurationError
from ctnas.spaces.mobilenetv3.config import MobileNetV3Config
from ctnas.supernet.layouts import make_layout
from ctnas.training.placement import Placement, check_least

if TYPE_CHECKING:
    from ctnas.supernet.layouts import Layout
    from ctnas.training.image_set import ImageSplits

Sampling: TypeAlias = Literal["uniform", "fair"]
AugmentationKind: TypeAlias = Literal["auto", "shift", "crop"]


@dataclass(frozen=True, slots=True)
class SupernetConfig(Placement):
    """How a supernet is built and trained.

    The space mobilenetv3 has settings of its own in place of epochs, learning_rate, sampling, cells
    and channels.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step, over all devices; one path is drawn for each step, or one for
            each choice where sampling is fair.
        sampling: uniform draws every path at random (SPOS); fair draws as many paths a step as
            there are operations, so that each is used once by every decision (FairNAS).
        learning_rate: of stochastic gradient descent at the start; it falls to 0 along a cosine.
        momentum: of stochastic gradient descent.
        weight_decay: of stochastic gradient descent.
        gradient_clip: largest norm of a step's gradient.
        cells: number of cells; DARTS: those at 1/3 and 2/3 of the depth are reduction cells;
            NAS-Bench: a multiple of 3, the number of stacks.
        channels: channels of a node in the first cell; every reduction doubles them.
        image_size: height and width that images are fitted to, pixels; their own, between 8 and
            64, if not given.
        train_images: number of images of the training part that are used, those to validate on
            included; all if not given.
        validation_share: share of the training part that architectures are compared on; a third
            of it, at most 5,000 images, if not given.
        calibration_images: training images that set an architecture's batch-norm statistics.
        label_epochs: number of last epochs whose weights an architecture is measured with; its
            label is the mean.
        augmentation: shift moves and flips color images; crop takes random crops of them, flips
            them and changes colors; auto takes crop for the data set imagenet and shift otherwise.
        mobilenetv3: network and training of the space mobilenetv3.
    """

    epochs: int = 60
    batch_size: int = 48
    sampling: Sampling = "uniform"
    learning_rate: float = 0.025
    momentum: float = 0.9
    weight_decay: float = 3e-4
    gradient_clip: float = 5.0
    cells: int = 3
    channels: int = 8
    image_size: int | None = None
    train_images: int | None = None
    validation_share: float | None = None
    calibration_images: int = 256
    label_epochs: int = 1
    augmentation: AugmentationKind = "auto"
    mobilenetv3: MobileNetV3Config = field(default_factory=MobileNetV3Config)

    def __post_init__(self) -> None:
        Placement.__post_init__(self)
        check_least(self, _LEAST)
        for name, kinds in (("sampling", Sampling), ("augmentation", AugmentationKind)):
            if getattr(self, name) not in get_args(kinds):
                raise ConfigurationError(
                    f"{name} must be one of {', '.join(get_args(kinds))}, "
                    f"not {getattr(self, name)!r}"
                )
        if self.label_epochs > self.epochs:
            raise ConfigurationError(
                f"label_epochs must be at most epochs, {self.epochs}, not {self.label_epochs}"
            )
        if self.validation_share is not None and not 0 < self.validation_share < 1:
            raise ConfigurationError(
                f"validation_share must be above 0 and below 1, not {self.validation_share}"
            )
        self._check_optimizer()

    def _check_optimizer(self) -> None:
        for name in ("learning_rate", "gradient_clip"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise ConfigurationError(f"{name} must be above 0, not {value}")
        if not 0 <= self.momentum < 1:
            raise ConfigurationError(
                f"momentum must be at least 0 and below 1, not {self.momentum}"
            )
        if not (isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ConfigurationError(f"weight_decay must be at least 0, not {self.weight_decay}")

    def layout(self, splits: ImageSplits, space: str = "darts") -> Layout:
        """Return the network that is built for these images.

        Args:
            splits: the images.
            space: name of the search space.

        Raises:
            ConfigurationError: if the space has no supernet, or none of this size.
        """
        channels, size, _ = splits.shape
        if space == "mobilenetv3":
            own = self.mobilenetv3
            return make_layout(
                space,
                width=own.width,
                stem_stride=own.stem_stride,
                unit_strides=own.unit_strides,
                image_size=size,
                image_channels=channels,
                classes=len(splits.classes),
            )
        return make_layout(
            space,
            cells=self.cells,
            channels=self.channels,
            image_size=size,
            image_channels=channels,
            classes=len(splits.classes),
        )


# With fewer than three cells, both reductions included, there is no normal cell to measure.
_LEAST = {
    "epochs": 1,
    "batch_size": 2,
    "cells": 3,
    "channels": 2,
    "image_size": 8,
    "train_images": 4,
    "calibration_images": 2,
    "label_epochs": 1,
}
