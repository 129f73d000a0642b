"""What happened in each iteration of a search."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet


@dataclass(frozen=True, slots=True)
class Iteration:
    """What one iteration did.

    Attributes:
        number: counted from 1.
        reward: mean probability of the sample to beat the baseline.
        entropy: of the policy, in nats.
        loss: of the comparator.
        baseline: as text.
        kendall_tau: of the learning comparator on held-out labels; NaN where it was not measured.
    """

    number: int
    reward: float
    entropy: float
    loss: float
    baseline: str
    kendall_tau: float = float("nan")


class History:
    """A row for every iteration.

    Args:
        held_out: labels for Kendall's tau; without them it is never measured.
        interval: iterations between its measurements.

    Attributes:
        rows: in order.
    """

    def __init__(self, held_out: LabelSet | None, interval: int) -> None:
        self.rows: list[Iteration] = []
        self._held_out = held_out
        self._interval = interval

    def add(self, row: Iteration, comparator: NeuralArchitectureComparator) -> None:
        """Append an iteration; every `interval`-th time Kendall's tau is measured."""
        if self._held_out is not None and row.number % self._interval == 0:
            row = replace(row, kendall_tau=comparator.kendall_tau(self._held_out))
        self.rows.append(row)

    def state(self) -> list[dict[str, Any]]:
        """Return the rows as plain values."""
        return [asdict(row) for row in self.rows]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Take the rows that `state` returned."""
        self.rows = [Iteration(**row) for row in state]

    def write(self, path: Path) -> None:
        """Write a Parquet table, atomically, a column for each field of `Iteration`."""
        from ctnas.labels.tables import write_table

        numbers = ("reward", "entropy", "loss", "kendall_tau")
        columns = {name: np.array([getattr(row, name) for row in self.rows]) for name in numbers}
        iteration = {"iteration": np.array([row.number for row in self.rows])}
        baseline = {"baseline": [row.baseline for row in self.rows]}
        write_table(path, {**iteration, **columns, **baseline})
