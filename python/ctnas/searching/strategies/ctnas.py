"""Algorithm 1 on labels that are all queried at once, as in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ctnas.searching.algorithm import search
from ctnas.searching.config import search_preset
from ctnas.searching.queries import random_labels
from ctnas.searching.strategies.strategy import Strategy, StrategyResult, expected_rank

if TYPE_CHECKING:
    from ctnas.searching.config import BaselineKind, SearchConfig
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class CtnasStrategy(Strategy):
    """Search by comparison with an ever better baseline.

    Attributes:
        preset: "default" or "paper", of comparator and search.
        baseline: "curriculum" is Alg. 2; "fixed" and "random" are those of section 6.2.
        pseudo_label_ratio: r (section 6.3); the preset's if None.
        iterations: T; the preset's if None.
    """

    preset: str = "default"
    baseline: BaselineKind = "curriculum"
    pseudo_label_ratio: float | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        # A setting that is not allowed ends a run before anything is measured.
        self._config()

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        labels = random_labels(space, measure, queries, seed)
        found = search(space, labels, preset=self.preset, seed=seed, config=self._config())
        chosen = found.architectures[:1]
        rank = expected_rank(found.comparator, chosen, seed)
        return StrategyResult(labels, chosen, found.comparator, rank)

    def _config(self) -> SearchConfig:
        config = replace(search_preset(self.preset), baseline=self.baseline)
        if self.iterations is not None:
            config = replace(config, iterations=self.iterations)
        if self.pseudo_label_ratio is None:
            return config
        labeled, ratio = config.learning.pairs or 0, self.pseudo_label_ratio
        config = replace(config, pseudo_label_ratio=ratio)
        # Half of the explored pairs become pseudo-labels, as in appendix C, also where r is high.
        explored = 2 * round(labeled * ratio / (1 - ratio))
        return replace(config, explored_pairs=max(config.explored_pairs, explored))
