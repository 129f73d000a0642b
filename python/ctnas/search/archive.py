"""What a search has seen: distinct architectures, the best of them when there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.search.scoring import CoreScorer

CAPACITY = 20_000
"""Architectures that are kept."""
SLACK = 50_000
"""Architectures that may wait before repetitions and the worst are dropped."""


class Archive:
    """Collects sampled architectures in bounded memory."""

    def __init__(self) -> None:
        self._parts: list[ArchitectureBatch] = []
        self._waiting = 0

    def add(self, batch: ArchitectureBatch, scorer: CoreScorer) -> None:
        """Remember a batch."""
        self._parts.append(batch)
        self._waiting += len(batch)
        if self._waiting > SLACK:
            self._compact(scorer)

    def distinct(self) -> ArchitectureBatch:
        """Return what is remembered, without repetitions, in ascending order of decisions."""
        merged = ArchitectureBatch.concatenate(self._parts)
        return ArchitectureBatch(merged.space, np.unique(merged.decisions, axis=0))

    def _compact(self, scorer: CoreScorer) -> None:
        kept = self.distinct()
        if len(kept) > CAPACITY:
            won = scorer.encode(kept).win_probability()
            kept = kept[np.sort(_core.best_first(won, CAPACITY))]
        self._parts, self._waiting = [kept], 0
