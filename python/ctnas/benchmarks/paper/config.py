"""Options of `ctnas-reproduce`; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from ctnas.errors import ConfigurationError

Target: TypeAlias = Literal[
    "table1", "table3", "table4", "table5", "figure5", "tableA", "nasbench201"
]
"""A table or figure of the paper, or another benchmark."""

SupernetName: TypeAlias = Literal["spos", "fairnas"]
"""How a supernet is trained: along uniform paths, or along fair ones."""


@dataclass(frozen=True, slots=True)
class ReproduceConfig:
    """What is measured, on which data.

    Attributes:
        data: folder of benchmark files, or one file; the folder named by the environment variable
            CTNAS_DATA if not given, else ../shared/data where that exists.
        runs: independent runs of each method.
        strategies: methods to run; the experiment's own choice if not given.
        queries: numbers of labels; the experiment's own if not given.
        iterations: of Algorithm 1; the preset's if not given.
        supernet: train these supernets and judge by their weights, in place of the strategies
            (table1 only).
        dataset: images that supernets learn: digits, fashion-mnist, cifar10, or a path.
        images: folder that holds a data set given by name, where it is not installed.
        image_size: height and width that images are fitted to, pixels; their own if not given.
        train_images: number of training images that are used; all if not given.
        epochs: of a supernet.
        cells: of a supernet, a multiple of 3.
        channels: of a supernet's first cells.
        out: directory of results; reproduce/TARGET if not given. Finished runs are not repeated.
    """

    data: Path | None = None
    runs: int = 10
    strategies: tuple[str, ...] = ()
    queries: tuple[int, ...] = ()
    iterations: int | None = None
    supernet: tuple[SupernetName, ...] = ()
    dataset: str = "digits"
    images: Path | None = None
    image_size: int | None = None
    train_images: int | None = None
    epochs: int = 60
    cells: int = 3
    channels: int = 8
    out: Path | None = None

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise ConfigurationError(f"runs must be at least 1, not {self.runs}")
        if self.iterations is not None and self.iterations < 1:
            raise ConfigurationError(f"iterations must be at least 1, not {self.iterations}")
        wrong = [count for count in self.queries if count < 1]
        if wrong:
            raise ConfigurationError(f"queries must be at least 1, not {wrong[0]}")
