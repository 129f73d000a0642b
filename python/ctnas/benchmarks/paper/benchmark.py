"""A table of measurements of a whole space, as the objective of a search and as its judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import LabelError
from ctnas.spaces.nasbench101.space import NasBench101Space

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, Float64Array, Int64Array
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace


class Benchmark:
    """All architectures of a space with the label that is queried and the one that judges.

    Args:
        queried: what a query returns, of every architecture.
        judged: what the result is judged by, of the same architectures in the same order.
        percent: what turns the labels into percent.
        file: name of the file.
        note: how these labels differ from the paper's.

    Raises:
        LabelError: if some architecture of the space is missing.
    """

    def __init__(
        self, queried: LabelSet, judged: LabelSet, percent: float, file: str, note: str
    ) -> None:
        if len(queried) != queried.space.size:
            raise LabelError(
                f"{file} has {len(queried):,} of the {queried.space.size:,} architectures of space "
                f"{queried.space.name!r}; a search needs all of them"
            )
        self.space: SearchSpace = queried.space
        # A space may have to be enumerated once: no run should be charged for it.
        self.space.sample(1, seed=0)
        self.architectures = queried.architectures
        self.queried = queried.values
        self.judged = judged.values
        self.percent = percent
        self.note = note
        self.identity = f"{file}:{queried.metric}:{judged.metric}"
        self.metrics = (queried.metric, judged.metric)
        self._places = {key: place for place, key in enumerate(self._keys(self.architectures))}
        self._best_first = -np.sort(-self.judged)

    def places(self, batch: ArchitectureBatch) -> Int64Array:
        """Return where architectures stand in the table, int64 [N]."""
        return np.array([self._places[key] for key in self._keys(batch)], dtype=np.int64)

    def measure(self, batch: ArchitectureBatch) -> Float64Array:
        """Return the queried labels, [N]."""
        return self.queried[self.places(batch)]

    def accuracy(self, place: int) -> float:
        """Return the judging accuracy of one architecture, in percent."""
        return float(self.judged[place]) * self.percent

    def rank(self, place: int) -> float:
        """Return the rank of one architecture by judging accuracy, in percent of the space."""
        better = np.searchsorted(-self._best_first, -self.judged[place], side="left")
        return 100.0 * float(better + 1) / len(self.judged)

    def others(self, batch: ArchitectureBatch, count: int | None, seed: int) -> Int64Array:
        """Draw places that are none of `batch`; all if `count` is None or there are not more."""
        left = np.setdiff1d(np.arange(len(self.judged)), self.places(batch))
        if count is None or count >= len(left):
            return left
        return np.random.default_rng([seed, count]).choice(left, size=count, replace=False)

    def _keys(self, batch: ArchitectureBatch) -> list[str] | list[bytes]:
        """Return what tells architectures apart: isomorphic cells of NAS-Bench-101 are one."""
        if isinstance(self.space, NasBench101Space):
            return self.space.hashes(batch)
        return [row.tobytes() for row in batch.decisions]
