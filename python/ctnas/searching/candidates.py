"""What a strategy chooses from, and the fast scoring of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.architecture import ArchitectureBatch, Float64Array
from ctnas.errors import SpaceError
from ctnas.searching.limits import MaddsLimit
from ctnas.searching.moves import mutated
from ctnas.searching.scoring import CoreScorer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctnas.architecture import BoolArray, Int64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

Expectation: TypeAlias = Callable[[ArchitectureBatch], Float64Array]
"""Returns what is expected of N architectures, [N], in any unit; higher is better."""

WHOLE_SPACE = 500_000
"""Spaces of at most so many architectures are looked at as a whole."""
SAMPLES = 20_000
"""Random architectures that stand for a larger space."""
DRAWN = 5_000
"""Random candidates of a large space."""
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

    Attributes:
        space: the space.
        whole: all that can be measured within the limit; None in a large space.
    """

    def __init__(
        self,
        space: SearchSpace,
        max_madds: float | None = None,
        among: ArchitectureBatch | None = None,
        withheld: ArchitectureBatch | None = None,
    ) -> None:
        self.space = space
        self._limit = MaddsLimit(space, max_madds)
        self._withheld = [] if withheld is None else [withheld]
        if among is None and is_small(space):
            among = space.enumerate()
        self.whole = None if among is None else among[self._limit.allows(among)]
        self._index: _RowIndex | None = None

    def unmeasured(self, labels: LabelSet) -> BoolArray:
        """Return which rows of `whole` are candidates, [N]."""
        if self.whole is None:
            raise SpaceError(f"space {self.space.name!r} is too large to be looked at as a whole")
        if self._index is None:
            self._index = _RowIndex(self.whole)
        left = np.ones(len(self.whole), dtype=np.bool_)
        left[self._index.places(self._known(labels))] = False
        return left

    def drawn(
        self, labels: LabelSet, expected: Expectation, generator: np.random.Generator
    ) -> ArchitectureBatch:
        """Return candidates of a large space: random ones, and mutants of the best.

        Args:
            labels: what was measured.
            expected: leads the way to good ones.
            generator: of random ones.
        """
        found = self._allowed(self.space.sample(DRAWN, generator))
        best = labels.best(PARENTS).architectures
        for _ in range(ASCENTS):
            children = self._allowed(self._children(best, generator))
            found = ArchitectureBatch.concatenate([found, children])
            rivals = ArchitectureBatch.concatenate([best, children])
            order = np.argsort(-expected(rivals), kind="stable")
            best = rivals[order[:PARENTS]]
        known = self._known(labels)
        distinct = self.space.is_distinct(ArchitectureBatch.concatenate([known, found]))
        return found[distinct[len(known) :]]

    def _known(self, labels: LabelSet) -> ArchitectureBatch:
        return ArchitectureBatch.concatenate([labels.architectures, *self._withheld])

    def _allowed(self, batch: ArchitectureBatch) -> ArchitectureBatch:
        return batch[self._limit.allows(batch)]

    def _children(
        self, parents: ArchitectureBatch, generator: np.random.Generator
    ) -> ArchitectureBatch:
        """Return mutants of one or two decisions, as their texts say them."""
        parents = ArchitectureBatch.concatenate([parents] * CHILDREN)
        once = mutated(self.space, parents, generator)
        twice = mutated(self.space, once[: len(once) // 2], generator)
        return self.space.canonical(ArchitectureBatch.concatenate([once, twice]))


class _RowIndex:
    """Finds the rows of architectures in a batch without repetitions."""

    def __init__(self, batch: ArchitectureBatch) -> None:
        keys = _row_keys(batch)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def places(self, batch: ArchitectureBatch) -> Int64Array:
        """Return the rows of those that there are, in any order."""
        keys = _row_keys(batch)
        place = np.searchsorted(self._keys, keys)
        inside = np.flatnonzero(place < len(self._keys))
        found = inside[self._keys[place[inside]] == keys[inside]]
        rows: Int64Array = self._order[place[found]]
        return rows


def _row_keys(batch: ArchitectureBatch) -> NDArray[np.void]:
    """Return each row of decisions as one item, [N]."""
    rows = np.ascontiguousarray(batch.decisions)
    return rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]
