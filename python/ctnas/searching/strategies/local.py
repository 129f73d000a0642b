"""Local search with restarts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.searching.moves import fresh_sample, neighbors
from ctnas.searching.queries import QueryLog, first_draw
from ctnas.searching.strategies.strategy import Strategy, StrategyResult

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class LocalStrategy(Strategy):
    """Go to the first neighbor that is better; where there is none, start anew at random.

    Neighbors differ in one decision and are measured in random order.

    Source: White et al., "Exploring the Loss Landscape in Neural Architecture Search", 2021.
    """

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        log = QueryLog(space, measure, queries)
        generator = np.random.default_rng(seed)
        start: ArchitectureBatch | None = first_draw(space, 1, seed)
        while log.left and start is not None:
            _climb(space, start, log, generator)
            start = fresh_sample(space, log, generator)
        return StrategyResult(log.labels(), log.best())


def _climb(
    space: SearchSpace,
    start: ArchitectureBatch,
    log: QueryLog,
    generator: np.random.Generator,
) -> None:
    """Climb from an unmeasured architecture to a local optimum, or until no query is left."""
    place: ArchitectureBatch | None = start
    value = log.ask(start)[0]
    while place is not None:
        around = neighbors(space, place)
        around = around[generator.permutation(len(around))]
        around = around[log.fresh(around)]
        place = None
        for row in range(min(len(around), log.left)):
            measured = log.ask(around[[row]])[0]
            if measured > value:
                place, value = around[[row]], measured
                break
