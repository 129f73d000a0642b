"""A pairwise ranking loss on predicted scores (ReNAS in Table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas.searching.strategies.predicted import PredictedBestStrategy
from ctnas.searching.strategies.scores import fit_scores, pairwise_hinge

if TYPE_CHECKING:
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class ReNasStrategy(PredictedBestStrategy):
    """Hinge loss on all pairs, with the graph network of the comparator.

    Source: Xu et al., "ReNAS: Relativistic Evaluation of Neural Architecture Search", 2021; its
    loss without its features of architectures.
    """

    def fit(self, space: SearchSpace, labels: LabelSet, seed: int) -> NeuralArchitectureComparator:
        """See PredictedBestStrategy."""
        return fit_scores(space, labels, pairwise_hinge, seed, self.preset)
