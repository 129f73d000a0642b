"""What an experiment is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.paper import Published

Result: TypeAlias = Mapping[str, float]
"""Figures of one run by their key."""

Settings: TypeAlias = Mapping[str, "str | int | float | None"]
"""What the result of a run depends on."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that is reported.

    Attributes:
        key: in results.
        title: for people, with the unit.
        higher_is_better: whether the best run is the highest.
        digits: after the point.
    """

    key: str
    title: str
    higher_is_better: bool = True
    digits: int = 2


ACCURACY = Figure("accuracy", "accuracy, %")
RANK = Figure("rank", "rank, %", higher_is_better=False, digits=4)
BEST_LABEL_RANK = Figure("best_label_rank", "best label's rank, %", False, 4)
TAU_100 = Figure("tau_100", "tau, 100 cells", digits=3)
TAU = Figure("tau", "tau, 20,000 cells", digits=3)
SECONDS = Figure("seconds", "seconds", higher_is_better=False, digits=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: one method in one setting.

    Attributes:
        name: for people; lines of one experiment have different names.
        published: the paper's figures by key.
        series: of the curve that this line is a point of.
        position: its place on the curve; None where there is no curve.
    """

    name: str
    published: Mapping[str, Published] = field(default_factory=dict)
    series: str = ""
    position: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One run.

    Attributes:
        line: that it counts for.
        seed: of the run.
        settings: all else that its result depends on.
        run: does it.
    """

    line: Line
    seed: int
    settings: Settings
    run: Callable[[], Result]

    @property
    def key(self) -> Settings:
        """What identifies the run when an experiment is resumed."""
        return {"line": self.line.name, "seed": self.seed, **self.settings}


@dataclass(frozen=True, slots=True)
class Experiment:
    """A table or figure.

    Attributes:
        name: as on the command line.
        title: for people.
        difference: one line on what differs from the paper's setting.
        figures: that are reported, the most important first.
        jobs: all runs; those of one line stand in the order of the table.
        axis: name of the positions of a curve.
    """

    name: str
    title: str
    difference: str
    figures: tuple[Figure, ...]
    jobs: tuple[Job, ...]
    axis: str = ""

    @property
    def lines(self) -> list[Line]:
        """The lines in order, each once."""
        return list({job.line.name: job.line for job in self.jobs}.values())
