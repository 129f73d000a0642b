"""Adaptive queries: measure what the comparator and its uncertainty find most worth a label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.comparisons import robust_deviation
from ctnas.comparator.ensemble import flow_scores, standardized
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import ComparatorPreset, FlowConfig, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.labels import MINIMUM_LABELS
from ctnas.search.strategies.candidates import CandidateSource, scores
from ctnas.search.strategies.choice import shrunken_labels
from ctnas.search.strategies.queries import QueryLog, first_draw
from ctnas.search.strategies.strategy import Strategy, StrategyResult, expected_rank

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.search.strategies.queries import Measure
    from ctnas.spaces import SearchSpace

SHORTLIST = 50_000
"""The best candidates of the first comparator, which the others look at too."""
ROUNDS = 20
"""Rounds that many queries are spread over."""
LEAST_BATCH, MOST_BATCH = 5, 25
LEAST_STEPS = 20
"""The learning rate needs some steps to rise and fall."""


@dataclass(frozen=True, slots=True)
class AdaptiveStrategy(Strategy):
    """Start from few random labels, then fit and query in turn until the queries are spent.

    In every round a committee scores the candidates: all architectures of a small space; samples
    and mutants of the best of a large one. It is a convolutional comparator and several networks
    that follow the data. Those with the highest mean score plus `optimism` times the committee's
    disagreement are measured. The choice is among measured architectures, by label and comparator
    together.

    Attributes:
        preset: of the comparator that is returned; the committee's is a lighter form of it.
        initial: random labels to start from.
        batch: queries in a round; None: a twentieth of all, at least 5 and at most 25.
        committee: number of networks that follow the data.
        steps: optimizer steps of each network.
        optimism: weight of the disagreement, in standard deviations.
        label_noise: standard deviation of a label's noise in the unit of the objective; 0 chooses
            by label alone. None: the preset's, in robust standard deviations of all labels.
    """

    preset: str | ComparatorPreset = "default"
    initial: int = 20
    batch: int | None = None
    committee: int = 4
    steps: int = 150
    optimism: float = 0.5
    label_noise: float | None = None

    def __post_init__(self) -> None:
        least = {"committee": 1, "steps": LEAST_STEPS, "batch": 1}
        for name, minimum in least.items():
            value = getattr(self, name)
            if value is not None and value < minimum:
                raise ConfigurationError(f"{name} must be at least {minimum}, not {value}")
        if self.initial < MINIMUM_LABELS:
            raise ConfigurationError(
                f"initial must be at least {MINIMUM_LABELS} labels, not {self.initial}"
            )
        if not (self.optimism >= 0 and (self.label_noise is None or self.label_noise >= 0)):
            raise ConfigurationError(
                "optimism and label_noise must be at least 0, not "
                f"{self.optimism} and {self.label_noise}"
            )

    def run(self, space: SearchSpace, measure: Measure, queries: int, seed: int) -> StrategyResult:
        """See Strategy."""
        if queries < MINIMUM_LABELS:
            raise ConfigurationError(
                f"adaptive needs at least {MINIMUM_LABELS} queries, not {queries}"
            )
        log = QueryLog(space, measure, queries)
        source = CandidateSource(space, seed)
        log.ask(first_draw(space, min(self.initial, queries), seed))
        batch = self.batch or int(np.clip(queries // ROUNDS, LEAST_BATCH, MOST_BATCH))
        while log.left:
            promising = self._promising(space, log, source, seed + len(log))
            if not len(promising):
                break
            log.ask(promising[: min(batch, log.left)])
        return self._choose(space, log, seed)

    def _promising(
        self, space: SearchSpace, log: QueryLog, source: CandidateSource, seed: int
    ) -> ArchitectureBatch:
        """Return candidates, the most worth a label first."""
        labels, preset = log.labels(), self._light_preset()
        leader = fit_comparator(space, labels, preset, seed)
        candidates = source.candidates(log, leader)
        if len(candidates) < 2:
            return candidates
        leading = scores(leader, candidates)
        shortlist = np.argsort(-leading, kind="stable")[:SHORTLIST]
        candidates = candidates[shortlist]
        flows = flow_scores(labels, candidates, self.committee, self._flow(), preset.fit, seed)
        opinions = np.vstack([standardized(leading[shortlist]), flows])
        optimistic = opinions.mean(axis=0) + self.optimism * opinions.std(axis=0)
        return candidates[np.argsort(-optimistic, kind="stable")]

    def _light_preset(self) -> ComparatorPreset:
        """Return the preset of the committee: a graph network fitted to labels directly."""
        preset = self._whole_preset()
        if preset.distillation is None:
            return preset
        return replace(
            preset,
            encoder=preset.distillation.convolution,
            fit=replace(preset.fit, steps=self.steps, epochs=0),
            distillation=None,
        )

    def _flow(self) -> FlowConfig:
        """Return the shape of the networks that follow the data."""
        distillation = self._whole_preset().distillation
        return FlowConfig() if distillation is None else distillation.flow

    def _whole_preset(self) -> ComparatorPreset:
        return comparator_preset(self.preset) if isinstance(self.preset, str) else self.preset

    def _choose(self, space: SearchSpace, log: QueryLog, seed: int) -> StrategyResult:
        """Fit once more to all labels and choose one of the measured architectures."""
        labels, preset = log.labels(), self._whole_preset()
        comparator = fit_comparator(space, labels, preset, seed)
        noise = self.label_noise
        if noise is None:
            noise = preset.fit.label_noise * robust_deviation(labels.values)
        believed = shrunken_labels(labels.values, scores(comparator, labels.architectures), noise)
        chosen = labels.architectures[[int(np.argmax(believed))]]
        return StrategyResult(labels, chosen, comparator, expected_rank(comparator, chosen, seed))
