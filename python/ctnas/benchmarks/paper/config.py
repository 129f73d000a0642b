"""Options of `ctnas-reproduce`; the only place where they are defined."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from ctnas.settings.option import Option, check_options

Target: TypeAlias = Literal[
    "table1", "table3", "table4", "table5", "figure5", "tableA", "nasbench201"
]
"""A table or figure of the paper, or another benchmark."""

SupernetName: TypeAlias = Literal["spos", "fairnas"]
"""How a supernet is trained: along uniform paths, or along fair ones."""


@dataclass(frozen=True, slots=True)
class ReproduceConfig:
    """What is measured, on which data."""

    data: Annotated[
        Path | None,
        Option(
            "folder of benchmark files, or one file; the folder named by the environment "
            "variable CTNAS_DATA if not given, else ../shared/data where that exists."
        ),
    ] = None
    runs: Annotated[int, Option("independent runs of each method.", least=1)] = 10
    strategies: Annotated[
        tuple[str, ...], Option("methods to run; the experiment's own choice if not given.")
    ] = ()
    queries: Annotated[
        tuple[int, ...], Option("numbers of labels; the experiment's own if not given.", least=1)
    ] = ()
    iterations: Annotated[
        int | None, Option("of Algorithm 1; the preset's if not given.", least=1)
    ] = None
    supernet: Annotated[
        tuple[SupernetName, ...],
        Option(
            "train these supernets and judge by their weights, in place of the strategies "
            "(table1 only)."
        ),
    ] = ()
    dataset: Annotated[
        str, Option("images that supernets learn: digits, fashion-mnist, cifar10, or a path.")
    ] = "digits"
    images: Annotated[
        Path | None,
        Option("folder that holds a data set given by name, where it is not installed."),
    ] = None
    image_size: Annotated[
        int | None,
        Option(
            "height and width that images are fitted to, pixels; their own if not given.", least=8
        ),
    ] = None
    train_images: Annotated[
        int | None, Option("number of training images that are used; all if not given.", least=4)
    ] = None
    epochs: Annotated[int, Option("of a supernet.", least=1)] = 60
    cells: Annotated[int, Option("of a supernet, a multiple of 3.", least=3)] = 3
    channels: Annotated[int, Option("of a supernet's first cells.", least=2)] = 8
    out: Annotated[
        Path | None,
        Option(
            "directory of results; reproduce/TARGET if not given. Finished runs are not repeated."
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)
