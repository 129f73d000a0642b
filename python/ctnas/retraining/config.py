"""The options of training from scratch. Command line, TOML file and Python take them from here."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from ctnas.errors import ConfigurationError
from ctnas.training.placement import Placement, check_least

Stem: TypeAlias = Literal["cifar", "imagenet"]
Schedule: TypeAlias = Literal["cosine", "exponential"]

CELLS = {"darts": 20, "nasbench101": 9, "nasbench201": 15}
"""Cells of the published networks, by space."""

CHANNELS = {"darts": 44, "nasbench101": 128, "nasbench201": 16}
"""Channels of the first cell of the published networks, by space."""


@dataclass(frozen=True, slots=True)
class TrainConfig(Placement):
    """How a network is built and trained; the defaults are appendix D of the paper.

    Attributes:
        space: search space of the architecture; recognized by its text if not given.
        dataset: images to learn: cifar10, fashion-mnist, digits, or the path of an image folder
            (`train/<class>/*`, `test/<class>/*` or `val/<class>/*`), of IDX files or CIFAR-10
            batches.
        data: folder that holds a data set given by name, where it is not installed.
        skip_corrupt: leave out files of an image folder that cannot be read, and count them.
        image_size: height and width that images are fitted to, pixels; their own, between 8 and
            64, if not given.
        train_images: number of training images that are used, those held back included; all if
            not given.
        validation_share: share of the training images that is held back and judged by, in place
            of the test images; 0 judges by the test images.
        stem: what stands before the cells of a DARTS network: cifar, one convolution; imagenet,
            three convolutions that halve the image three times, with the augmentation of large
            images (random crops, colors).
        cells: number of cells; 20 for DARTS, 9 for NAS-Bench-101, 15 for NAS-Bench-201 if not
            given.
        channels: channels of a node in the first cell; 44, 128 and 16 if not given.
        epochs: passes over the training images.
        batch_size: images a step, over all devices.
        learning_rate: of stochastic gradient descent at the start.
        final_learning_rate: at the end.
        schedule: how it falls: along a cosine, or by a constant factor (exponential).
        momentum: of stochastic gradient descent.
        nesterov: whether it looks ahead.
        weight_decay: of stochastic gradient descent.
        gradient_clip: largest norm of a step's gradient.
        label_smoothing: share of a label's weight that is spread over all classes.
        cutout: side of the square that is cut out of each image, pixels; 0 cuts out none.
        path_dropout: probability that an operation of a DARTS cell is left out for an image; it
            grows from 0 to this over the epochs.
        auxiliary_weight: weight of the loss of a DARTS network's auxiliary head; 0 builds none.
        evaluate_every: epochs between two evaluations; the last epoch is always evaluated.
        seed: equal seeds give equal weights on the CPU.
        threads: CPU threads; one for each core if not given.
        out: directory of results; `trained/<time>-<space>` if not given.
        quiet: plain lines in place of progress bars.
    """

    space: str | None = None
    dataset: str = "cifar10"
    data: Path | None = None
    skip_corrupt: bool = False
    image_size: int | None = None
    train_images: int | None = None
    validation_share: float = 0.0
    stem: Stem = "cifar"
    cells: int | None = None
    channels: int | None = None
    epochs: int = 600
    batch_size: int = 96
    learning_rate: float = 0.025
    final_learning_rate: float = 0.001
    schedule: Schedule = "cosine"
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 3e-4
    gradient_clip: float = 5.0
    label_smoothing: float = 0.0
    cutout: int = 16
    path_dropout: float = 0.2
    auxiliary_weight: float = 0.4
    evaluate_every: int = 10
    seed: int = 0
    threads: int | None = None
    out: Path | None = None
    quiet: bool = False

    def __post_init__(self) -> None:
        Placement.__post_init__(self)
        check_least(self, _LEAST)
        for name, choices in (("stem", get_args(Stem)), ("schedule", get_args(Schedule))):
            if getattr(self, name) not in choices:
                raise ConfigurationError(
                    f"{name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}"
                )
        for name in ("learning_rate", "gradient_clip"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise ConfigurationError(f"{name} must be above 0, not {value}")
        for name in ("weight_decay", "auxiliary_weight", "final_learning_rate"):
            value = getattr(self, name)
            if not (isfinite(value) and value >= 0):
                raise ConfigurationError(f"{name} must be at least 0, not {value}")
        for name in ("momentum", "label_smoothing", "path_dropout", "validation_share"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ConfigurationError(f"{name} must be at least 0 and below 1, not {value}")
        self._check_combinations()

    def _check_combinations(self) -> None:
        if self.schedule == "exponential" and self.final_learning_rate == 0:
            raise ConfigurationError(
                "final_learning_rate must be above 0 with the exponential schedule"
            )
        if self.nesterov and self.momentum == 0:
            raise ConfigurationError("momentum must be above 0 with nesterov")


_LEAST = {
    "image_size": 8,
    "train_images": 4,
    "cells": 1,
    "channels": 2,
    "epochs": 1,
    "batch_size": 2,
    "cutout": 0,
    "evaluate_every": 1,
    "seed": 0,
    "threads": 1,
}
