"""Random search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.searching.queries import random_labels
from ctnas.searching.strategies.strategy import Strategy, StrategyResult

if TYPE_CHECKING:
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class RandomStrategy(Strategy):
    """Measure architectures drawn uniformly and choose the best."""

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        labels = random_labels(space, measure, queries, seed)
        return StrategyResult(labels, labels.best().architectures)
