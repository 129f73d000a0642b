"""The baseline that samples must beat (section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas import _core
from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.searching.config import BaselineKind
    from ctnas.searching.scoring import CoreScorer


class Baseline:
    """The present baseline beta and those before it (B).

    Args:
        kind: how it is updated: Alg. 2, never, or at random (section 6.2).
        first: one architecture.
        seed: of random updates.
    """

    def __init__(self, kind: BaselineKind, first: ArchitectureBatch, seed: int) -> None:
        self.architecture = first
        self._kind = kind
        self._previous = first
        self._generator = np.random.default_rng(seed)

    def update(self, sample: ArchitectureBatch, scorer: CoreScorer) -> bool:
        """Choose the next baseline out of B and the sample S; return whether it changed."""
        if self._kind == "fixed":
            return False
        candidates = _distinct(ArchitectureBatch.concatenate([self._previous, sample]))
        if self._kind == "random":
            chosen = int(self._generator.integers(len(candidates)))
        elif len(candidates) < 2:
            chosen = 0
        else:
            # Alg. 2: the highest mean probability to win against all other candidates.
            chosen = int(_core.best_first(scorer.encode(candidates).win_probability(), 1)[0])
        before, self.architecture = self.architecture, candidates[[chosen]]
        self._previous = _distinct(
            ArchitectureBatch.concatenate([self._previous, self.architecture])
        )
        return self.architecture != before

    def state(self) -> dict[str, Any]:
        """Return all that the next updates depend on."""
        return {
            "architecture": torch.from_numpy(self.architecture.decisions),
            "previous": torch.from_numpy(self._previous.decisions),
            "generator": self._generator.bit_generator.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        space = self.architecture.space
        self.architecture = ArchitectureBatch(space, state["architecture"].numpy())
        self._previous = ArchitectureBatch(space, state["previous"].numpy())
        self._generator.bit_generator.state = state["generator"]


def _distinct(batch: ArchitectureBatch) -> ArchitectureBatch:
    """Return the batch without repetitions, in the order of first appearance."""
    _, first = np.unique(batch.decisions, axis=0, return_index=True)
    return batch[np.sort(first)]
