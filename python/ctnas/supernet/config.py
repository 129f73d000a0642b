"""The settings of a supernet. Importing this never imports PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ctnas.errors import ConfigurationError
from ctnas.spaces.darts_costs import DartsLayout

if TYPE_CHECKING:
    from ctnas.supernet.image_set import ImageSplits

Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Precision: TypeAlias = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True, slots=True)
class SupernetConfig:
    """How a supernet is built and trained.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step; one path is drawn for each step.
        learning_rate: of stochastic gradient descent at the start; it falls to 0 along a cosine.
        momentum: of stochastic gradient descent.
        weight_decay: of stochastic gradient descent.
        gradient_clip: largest norm of a step's gradient.
        cells: number of cells; those at 1/3 and 2/3 of the depth are reduction cells.
        channels: channels of a node in the first cell; a reduction cell doubles them.
        image_size: height and width that images are fitted to, pixels; their own, between 8 and
            64, if not given.
        calibration_images: training images that set an architecture's batch-norm statistics.
        device: where the supernet is trained and evaluated; auto takes a GPU where there is one.
        precision: number format of training, as Lightning Fabric names it; 16-mixed needs a GPU.
    """

    epochs: int = 60
    batch_size: int = 48
    learning_rate: float = 0.025
    momentum: float = 0.9
    weight_decay: float = 3e-4
    gradient_clip: float = 5.0
    cells: int = 3
    channels: int = 8
    image_size: int | None = None
    calibration_images: int = 256
    device: Device = "auto"
    precision: Precision = "32-true"

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                raise ConfigurationError(f"{name} must be a whole number, not {value!r}")
            if value is not None and value < least:
                raise ConfigurationError(f"{name} must be at least {least}, not {value}")
        self._check_optimizer()
        for name, choices in (("device", get_args(Device)), ("precision", get_args(Precision))):
            if getattr(self, name) not in choices:
                raise ConfigurationError(
                    f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}"
                )

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

    def layout(self, splits: ImageSplits) -> DartsLayout:
        """Return the network that is built for these images."""
        channels, size, _ = splits.shape
        return DartsLayout(
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
    "calibration_images": 2,
}
