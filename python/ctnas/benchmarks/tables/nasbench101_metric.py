"""Which of the measurements of a NAS-Bench-101 cell is its label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.errors import LabelError

if TYPE_CHECKING:
    from pathlib import Path

ACCURACIES = ("validation_accuracy", "test_accuracy", "train_accuracy")

_NAME = re.compile(rf"(?P<accuracy>{'|'.join(ACCURACIES)})(?:_run(?P<run>\d+))?")


@dataclass(frozen=True, slots=True)
class RunMetric:
    """An accuracy of cells that were trained several times.

    Attributes:
        accuracy: one of `ACCURACIES`, at the end of training.
        run: which run to take, counted from 0 in the order of the file; None: the mean of all.
    """

    accuracy: str
    run: int | None = None

    @classmethod
    def parse(cls, path: Path, name: str | None) -> RunMetric:
        """Return the metric of that name: an accuracy, or an accuracy and `_run0`, `_run1`, ....

        Raises:
            LabelError: if there is none, or it was not named.
        """
        known = f"{', '.join(ACCURACIES)} (the mean of all runs), or one run, such as "
        known += f"{ACCURACIES[1]}_run0"
        if name is None:
            raise LabelError(f"{path}: the metric must be named: {known}")
        match = _NAME.fullmatch(name)
        if match is None:
            raise LabelError(f"{path} has no metric {name!r}; its metrics are {known}")
        run = match["run"]
        return cls(match["accuracy"], None if run is None else int(run))

    def __str__(self) -> str:
        return self.accuracy if self.run is None else f"{self.accuracy}_run{self.run}"
