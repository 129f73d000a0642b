"""What a search has seen: distinct architectures, the best of them when there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas import _core
from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.searching.scoring import CoreScorer

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

    def state(self) -> dict[str, Any]:
        """Return what is remembered."""
        merged = ArchitectureBatch.concatenate(self._parts)
        return {
            "space": merged.space,
            "decisions": torch.from_numpy(merged.decisions),
            "waiting": self._waiting,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Remember what `state` returned, and nothing else."""
        self._parts = [ArchitectureBatch(state["space"], state["decisions"].numpy())]
        self._waiting = state["waiting"]

    def _compact(self, scorer: CoreScorer) -> None:
        kept = self.distinct()
        if len(kept) > CAPACITY:
            won = scorer.encode(kept).win_probability()
            kept = kept[np.sort(_core.best_first(won, CAPACITY))]
        self._parts, self._waiting = [kept], 0
