"""What a strategy chooses from, and the fast scoring of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.search.limits import MaddsLimit
from ctnas.search.scoring import CoreScorer
from ctnas.search.strategies.moves import mutated

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Float64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
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


def scores(
    comparator: NeuralArchitectureComparator, batch: ArchitectureBatch, provider: str = "auto"
) -> Float64Array:
    """Return challenger logits through ONNX Runtime, with mean 0 and deviation 1, float64 [N]."""
    challenger = CoreScorer(comparator, provider).encode(batch).challenger.astype(np.float64)
    centered: Float64Array = challenger - challenger.mean()
    deviation = challenger.std()
    return centered / deviation if deviation > 0 else centered


def representatives(space: SearchSpace, seed: int) -> ArchitectureBatch:
    """Return the whole of a small space, many random architectures of a larger one."""
    if is_small(space):
        return space.enumerate()
    return space.sample(SAMPLES, np.random.default_rng([seed, SAMPLES]))


def candidate_generator(seed: int, *number: int) -> np.random.Generator:
    """Return the generator of random candidates, one for each round where rounds are numbered."""
    return np.random.default_rng([seed, CHILDREN, *number])


class CandidateSource:
    """Gives out the candidates of the next query.

    Args:
        space: the space; of a small one the candidates are all that was not measured.
        max_madds: hard limit on their multiply-adds, for spaces that know costs.
        among: all that can be measured; the whole space if not given.
        withheld: what is no candidate, though nothing has learned from it.
        provider: "auto", "cpu" or "cuda", of the scoring.
    """

    def __init__(
        self,
        space: SearchSpace,
        max_madds: float | None = None,
        among: ArchitectureBatch | None = None,
        withheld: ArchitectureBatch | None = None,
        provider: str = "auto",
    ) -> None:
        self._space, self._provider = space, provider
        self._limit = MaddsLimit(space, max_madds)
        self._withheld = [] if withheld is None else [withheld]
        if among is None and is_small(space):
            among = space.enumerate()
        self._all = None if among is None else among[self._limit.allows(among)]

    def candidates(
        self,
        labels: LabelSet,
        comparator: NeuralArchitectureComparator,
        generator: np.random.Generator,
    ) -> ArchitectureBatch:
        """Return architectures that were not measured and stay within the limit.

        Args:
            labels: what was measured.
            comparator: leads the way to good ones in a large space.
            generator: of random ones in a large space.
        """
        known = ArchitectureBatch.concatenate([labels.architectures, *self._withheld])
        if self._all is not None:
            return self._all[~_contained(self._all, known)]
        found = self._allowed(self._space.sample(SAMPLES, generator))
        best = labels.best(PARENTS).architectures
        for _ in range(ASCENTS):
            children = self._allowed(self._children(best, generator))
            found = ArchitectureBatch.concatenate([found, children])
            rivals = ArchitectureBatch.concatenate([best, children])
            order = np.argsort(-scores(comparator, rivals, self._provider), kind="stable")
            best = rivals[order[:PARENTS]]
        distinct = self._space.is_distinct(ArchitectureBatch.concatenate([known, found]))
        return found[distinct[len(known) :]]

    def _allowed(self, batch: ArchitectureBatch) -> ArchitectureBatch:
        return batch[self._limit.allows(batch)]

    def _children(
        self, parents: ArchitectureBatch, generator: np.random.Generator
    ) -> ArchitectureBatch:
        """Return mutants of one or two decisions."""
        parents = ArchitectureBatch.concatenate([parents] * CHILDREN)
        once = mutated(self._space, parents, generator)
        twice = mutated(self._space, once[: len(once) // 2], generator)
        return ArchitectureBatch.concatenate([once, twice])


def _contained(batch: ArchitectureBatch, among: ArchitectureBatch) -> BoolArray:
    """Return which rows of `batch` are also rows of `among`, [N]."""
    known = set(map(bytes, among.decisions))
    size = batch.decisions.itemsize * batch.decisions.shape[1]
    data = batch.decisions.tobytes()
    rows = (data[start : start + size] in known for start in range(0, len(data), size))
    return np.fromiter(rows, np.bool_, len(batch))
