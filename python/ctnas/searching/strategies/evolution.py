"""Regularized evolution: the oldest die, whatever they are worth."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import ConfigurationError
from ctnas.searching.moves import fresh_mutant
from ctnas.searching.queries import QueryLog, first_draw
from ctnas.searching.strategies.strategy import Strategy, StrategyResult

if TYPE_CHECKING:
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class EvolutionStrategy(Strategy):
    """Mutate one decision of the best of a few, and let the oldest die.

    Source: Real et al., "Regularized Evolution for Image Classifier Architecture Search", 2019.

    Attributes:
        population: number of architectures alive.
        tournament: how many of them compete to be the parent.
    """

    population: int = 50
    tournament: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.tournament <= self.population:
            raise ConfigurationError(
                f"tournament must be in 1..population, not {self.tournament} of {self.population}"
            )

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        log = QueryLog(space, measure, queries)
        generator = np.random.default_rng(seed)
        log.ask(first_draw(space, min(self.population, queries), seed))
        alive = deque(range(len(log)), maxlen=self.population)
        while log.left:
            size = min(self.tournament, len(alive))
            rivals = generator.choice(np.array(alive), size=size, replace=False)
            parent = rivals[np.argmax(log.values[rivals])]
            child = fresh_mutant(space, log.architectures[[int(parent)]], log, generator)
            if child is None:
                break
            log.ask(child)
            alive.append(len(log) - 1)
        return StrategyResult(log.labels(), log.best())
