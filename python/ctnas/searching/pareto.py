"""The Pareto front of the comparator's judgement and multiply-adds.

For any given cost the best architecture is one that no cheaper one beats. The front of everything
that a search has seen is refined by local search: all architectures that differ from one of the
front in a single decision are scored, what is dominated is dropped, until nothing changes. It needs
no labels: the comparator scores hundreds of thousands of architectures a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import SpaceError
from ctnas.searching.limits import MaddsLimit
from ctnas.searching.moves import neighbors
from ctnas.searching.scoring import CoreScorer

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Float64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.spaces import SearchSpace

ROUNDS = 50
"""Rounds of local search at most."""
WIDTH = 200
"""Architectures of a front whose neighbors are scored in a round, evenly spread over it."""


@dataclass(frozen=True, slots=True)
class ParetoFront:
    """Architectures none of which is beaten by a cheaper one, by rising multiply-adds.

    Attributes:
        architectures: N of them.
        win_probability: float64 [N], rising: of each against what the front is compared with.
        madds: float64 [N], rising.
    """

    architectures: ArchitectureBatch
    win_probability: Float64Array
    madds: Float64Array


def non_dominated(value: Float64Array, cost: Float64Array) -> BoolArray:
    """Return which of N have a higher value than all that cost no more, [N].

    Of several that are equal in both, the first is returned.

    Args:
        value: the higher, the better.
        cost: the lower, the better.
    """
    order = np.lexsort((-value, cost))
    ranked = value[order]
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(ranked)[:-1]])
    result = np.zeros(len(value), dtype=np.bool_)
    result[order[ranked > best_before]] = True
    return result


def pareto_front(
    comparator: NeuralArchitectureComparator,
    start: ArchitectureBatch,
    max_madds: float | None = None,
    provider: str = "auto",
) -> ParetoFront:
    """Return the front of win probability and multiply-adds, found by local search.

    Args:
        comparator: judges.
        start: architectures to begin with, say all that a search has seen; the front's win
            probability is against these.
        max_madds: a hard limit on the front.
        provider: "auto", "cpu" or "cuda", of the scoring.

    Raises:
        SpaceError: if the space does not know what its architectures cost.
    """
    space = comparator.space
    check_costs(space)
    search = _FrontSearch(comparator, MaddsLimit(space, max_madds), provider)
    front = search.kept(start)
    for _ in range(ROUNDS):
        grown = search.kept(
            ArchitectureBatch.concatenate([front, *_spread_neighbors(space, front)])
        )
        if grown == front:
            break
        front = grown
    won = comparator.win_probability(front, against=start)
    return ParetoFront(front, won, _madds(space, front))


def spread(front: ParetoFront, count: int) -> ArchitectureBatch:
    """Return at most so many architectures of a front, evenly spread, both ends among them."""
    places = np.linspace(0, len(front.architectures) - 1, min(count, len(front.architectures)))
    return front.architectures[np.unique(places.round()).astype(np.intp)]


def check_costs(space: SearchSpace) -> None:
    """Raise SpaceError if a space does not know what its architectures cost."""
    if space.costs(space.sample(1, seed=0)) is None:
        raise SpaceError(
            f"space {space.name!r} does not know multiply-adds: objective must be 'accuracy'"
        )


class _FrontSearch:
    """What every round of local search needs."""

    def __init__(
        self, comparator: NeuralArchitectureComparator, limit: MaddsLimit, provider: str
    ) -> None:
        self._space, self._limit = comparator.space, limit
        self._scorer = CoreScorer(comparator, provider)

    def kept(self, batch: ArchitectureBatch) -> ArchitectureBatch:
        """Return what is allowed and not dominated, by rising multiply-adds."""
        batch = ArchitectureBatch(batch.space, np.unique(batch.decisions, axis=0))
        batch = batch[self._limit.allows(batch)]
        # The win probability rises with the challenger's logit (Eq. 5).
        score = self._scorer.encode(batch).challenger.astype(np.float64)
        madds = _madds(self._space, batch)
        kept = np.flatnonzero(non_dominated(score, madds))
        return batch[kept[np.argsort(madds[kept], kind="stable")]]


def _spread_neighbors(space: SearchSpace, front: ArchitectureBatch) -> list[ArchitectureBatch]:
    """Return the neighbors of architectures that are spread evenly over a front."""
    places = np.unique(np.linspace(0, len(front) - 1, min(WIDTH, len(front))).round())
    return [neighbors(space, front[[int(place)]]) for place in places]


def _madds(space: SearchSpace, batch: ArchitectureBatch) -> Float64Array:
    costs = space.costs(batch)
    assert costs is not None
    return costs.madds
