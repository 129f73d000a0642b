"""Predict the absolute performance (RegressionNAS in Table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.searching.strategies.predicted import PredictedBestStrategy
from ctnas.searching.strategies.scores import fit_scores, squared_error

if TYPE_CHECKING:
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class RegressionStrategy(PredictedBestStrategy):
    """L2 loss on standardized labels, with the graph network of the comparator."""

    def fit(self, space: SearchSpace, labels: LabelSet, seed: int) -> NeuralArchitectureComparator:
        """See PredictedBestStrategy."""
        return fit_scores(space, labels, squared_error, seed, self.preset)
