"""What every strategy takes and returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace

OPPONENTS = 2_000
"""Architectures that the chosen one is compared with for its expected rank."""


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """What a strategy found.

    Attributes:
        labels: all that was measured, in the order of the queries.
        chosen: a batch of one.
        comparator: what the choice rests on besides labels; None where there is no such thing.
        expected_rank: share of the space that should be better than the chosen one, in the
            comparator's opinion; NaN without one.
    """

    labels: LabelSet
    chosen: ArchitectureBatch
    comparator: NeuralArchitectureComparator | None = None
    expected_rank: float = float("nan")


class Strategy(ABC):
    """A way to find a good architecture with a limited number of measurements."""

    @abstractmethod
    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """Search a space.

        Args:
            space: the space.
            measure: takes N architectures and returns the objective, float64 [N]; higher is better.
                It is asked at most once for an architecture.
            queries: how many architectures may be measured.
            seed: equal seeds and an objective without randomness give equal results on the CPU.

        Raises:
            ConfigurationError: if there are more queries than architectures, or too few to learn.
            LabelError: if the objective returns anything but N finite numbers.
        """


def expected_rank(
    comparator: NeuralArchitectureComparator, chosen: ArchitectureBatch, seed: int
) -> float:
    """Return the share of the space that `comparator` expects to beat an architecture."""
    space = comparator.space
    generator = np.random.default_rng([seed, OPPONENTS])
    opponents = space.sample(min(OPPONENTS, space.size), generator)
    return 1.0 - float(comparator.win_probability(chosen, opponents)[0])
