"""Adaptive queries: measure what the comparator and its uncertainty find most worth a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.noise import estimate_noise
from ctnas.comparator.presets import ComparatorPreset, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.labels import MINIMUM_LABELS
from ctnas.searching.candidates import CandidateSource, candidate_generator, scores
from ctnas.searching.choice import shrunken_labels
from ctnas.searching.queries import QueryLog, first_draw
from ctnas.searching.strategies.strategy import Strategy, StrategyResult, expected_rank
from ctnas.searching.surrogate import OPTIMISM, Surrogate, check_optimism, round_size

if TYPE_CHECKING:
    from ctnas.searching.queries import Measure
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class AdaptiveStrategy(Strategy):
    """Start from few random labels, then fit and query in turn until the queries are spent.

    In every round a Gaussian process learns from the labels and looks at the candidates: all
    architectures of a small space; samples and mutants of the best of a large one. Those of which
    it expects most, plus `optimism` times what it does not know, are measured. The choice is among
    measured architectures, by label and comparator together.

    Attributes:
        preset: of the comparator that is returned.
        initial: random labels to start from.
        batch: queries in a round; None: a twentieth of all, at least 5 and at most 25.
        optimism: weight of the process's standard deviation.
        label_noise: standard deviation of a label's noise in the unit of the objective; 0 chooses
            by label alone. None: estimated from the labels.
    """

    preset: str | ComparatorPreset = "default"
    initial: int = 20
    batch: int | None = None
    optimism: float = OPTIMISM
    label_noise: float | None = None

    def __post_init__(self) -> None:
        # A setting that is not allowed ends a run before anything is measured.
        check_optimism(self.optimism)
        if self.batch is not None and self.batch < 1:
            raise ConfigurationError(f"batch must be at least 1, not {self.batch}")
        if self.initial < MINIMUM_LABELS:
            raise ConfigurationError(
                f"initial must be at least {MINIMUM_LABELS} labels, not {self.initial}"
            )
        if not (self.label_noise is None or self.label_noise >= 0):
            raise ConfigurationError(f"label_noise must be at least 0, not {self.label_noise}")

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        if queries < MINIMUM_LABELS:
            raise ConfigurationError(
                f"adaptive needs at least {MINIMUM_LABELS} queries, not {queries}"
            )
        log = QueryLog(space, measure, queries)
        surrogate = Surrogate(CandidateSource(space), self.optimism)
        generator = candidate_generator(seed)
        log.ask(first_draw(space, min(self.initial, queries), seed))
        batch = self.batch or round_size(queries)
        while log.left:
            promising = surrogate.promising(log.labels(), generator, min(batch, log.left))
            if not len(promising):
                break
            log.ask(promising)
        return self._choose(space, log, seed)

    def _choose(self, space: SearchSpace, log: QueryLog, seed: int) -> StrategyResult:
        """Fit once more to all labels and choose one of the measured architectures."""
        preset = comparator_preset(self.preset)
        labels = log.labels()
        comparator = fit_comparator(space, labels, preset, seed)
        noise = self.label_noise
        if noise is None:
            noise = estimate_noise(labels, seed)
        believed = shrunken_labels(
            labels.values,
            scores(comparator, labels.architectures),
            noise / np.sqrt(labels.counts),
        )
        chosen = labels.architectures[[int(np.argmax(believed))]]
        return StrategyResult(labels, chosen, comparator, expected_rank(comparator, chosen, seed))
