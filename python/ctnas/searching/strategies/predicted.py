"""Strategies that learn from random labels and take what is predicted to be best."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.searching.candidates import representatives, scores
from ctnas.searching.queries import random_labels
from ctnas.searching.strategies.strategy import Strategy, StrategyResult, expected_rank

if TYPE_CHECKING:
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.comparator.presets import ComparatorPreset
    from ctnas.labels import LabelSet
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class PredictedBestStrategy(Strategy):
    """Query all at once, fit, and choose the best predicted architecture.

    The whole of a space of at most 500,000 architectures is looked at, 20,000 random ones of a
    larger space. What is chosen need not have been measured.

    Attributes:
        preset: of the fit.
    """

    preset: str | ComparatorPreset = "default"

    @abstractmethod
    def fit(self, space: SearchSpace, labels: LabelSet, seed: int) -> NeuralArchitectureComparator:
        """Return what orders the architectures."""

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        labels = random_labels(space, measure, queries, seed)
        predictor = self.fit(space, labels, seed)
        candidates = representatives(space, seed)
        chosen = candidates[[int(np.argmax(scores(predictor, candidates)))]]
        return StrategyResult(labels, chosen, predictor, expected_rank(predictor, chosen, seed))
