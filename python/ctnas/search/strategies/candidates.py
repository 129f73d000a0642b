"""What a strategy chooses from, and the fast scoring of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.search.scoring import CoreScorer
from ctnas.search.strategies.moves import mutated

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Float64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.search.strategies.queries import QueryLog
    from ctnas.spaces import SearchSpace

WHOLE_SPACE = 500_000
"""Spaces of at most so many architectures are looked at as a whole."""
SAMPLES = 20_000
"""Random architectures that stand for a larger space."""
PARENTS = 50
"""The best measured and the best predicted ones whose mutants are candidates."""
CHILDREN = 40
"""Mutants of each parent."""
ASCENTS = 3
"""Times that the best candidates are mutated again."""


def is_small(space: SearchSpace) -> bool:
    """Return whether a space is looked at as a whole."""
    return space.size <= WHOLE_SPACE


def scores(comparator: NeuralArchitectureComparator, batch: ArchitectureBatch) -> Float64Array:
    """Return challenger logits through ONNX Runtime, with mean 0 and deviation 1, float64 [N]."""
    challenger = CoreScorer(comparator, "auto").encode(batch).challenger.astype(np.float64)
    centered: Float64Array = challenger - challenger.mean()
    deviation = challenger.std()
    return centered / deviation if deviation > 0 else centered


def representatives(space: SearchSpace, seed: int) -> ArchitectureBatch:
    """Return the whole of a small space, many random architectures of a larger one."""
    if is_small(space):
        return space.enumerate()
    return space.sample(SAMPLES, np.random.default_rng([seed, SAMPLES]))


class CandidateSource:
    """Gives out the candidates of the next query.

    Args:
        space: the space; of a small one the candidates are all that was not measured.
        seed: of random candidates.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._generator = np.random.default_rng([seed, CHILDREN])
        self._all = space.enumerate() if is_small(space) else None

    def candidates(
        self, log: QueryLog, comparator: NeuralArchitectureComparator
    ) -> ArchitectureBatch:
        """Return architectures that were not measured.

        Args:
            log: what was measured.
            comparator: leads the way to good ones in a large space.
        """
        if self._all is not None:
            return self._all[~_contained(self._all, log.architectures)]
        found = self._space.sample(SAMPLES, self._generator)
        best = log.architectures[np.argsort(-log.values, kind="stable")[:PARENTS]]
        for _ in range(ASCENTS):
            children = self._children(best)
            found = ArchitectureBatch.concatenate([found, children])
            rivals = ArchitectureBatch.concatenate([best, children])
            best = rivals[np.argsort(-scores(comparator, rivals), kind="stable")[:PARENTS]]
        return found[log.fresh(found)]

    def _children(self, parents: ArchitectureBatch) -> ArchitectureBatch:
        """Return mutants of one or two decisions."""
        once = mutated(
            self._space, ArchitectureBatch.concatenate([parents] * CHILDREN), self._generator
        )
        twice = mutated(self._space, once[: len(once) // 2], self._generator)
        return ArchitectureBatch.concatenate([once, twice])


def _contained(batch: ArchitectureBatch, among: ArchitectureBatch) -> BoolArray:
    """Return which rows of `batch` are also rows of `among`, [N]."""
    known = set(map(bytes, among.decisions))
    size = batch.decisions[:1].nbytes
    data = batch.decisions.tobytes()
    rows = (data[start : start + size] in known for start in range(0, len(data), size))
    return np.fromiter(rows, np.bool_, len(batch))
