"""Compare everything with everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.comparator.fitting import fit_comparator
from ctnas.searching.strategies.predicted import PredictedBestStrategy

if TYPE_CHECKING:
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class ExhaustiveStrategy(PredictedBestStrategy):
    """Rank the whole space with a comparator, without a controller."""

    def fit(self, space: SearchSpace, labels: LabelSet, seed: int) -> NeuralArchitectureComparator:
        """See PredictedBestStrategy."""
        return fit_comparator(space, labels, self.preset, seed)
