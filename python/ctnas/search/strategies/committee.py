"""What adaptive queries ask next: the candidates that are most worth a label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.ensemble import flow_scores, standardized
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import ComparatorPreset, FlowConfig, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.search.strategies.candidates import scores

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.labels import LabelSet
    from ctnas.search.strategies.candidates import CandidateSource

MEMBERS = 4
"""Networks that follow the data, unless said otherwise."""
STEPS = 150
"""Optimizer steps of each network, unless said otherwise."""
OPTIMISM = 0.5
"""Weight of disagreement, unless said otherwise."""
LEAST_STEPS = 20
"""The learning rate needs some steps to rise and fall."""

SHORTLIST = 50_000
"""The best candidates of the first comparator, which the others look at too."""
ROUNDS = 20
"""Rounds that many queries are spread over."""
LEAST_BATCH, MOST_BATCH = 5, 25


@dataclass(frozen=True, slots=True)
class Committee:
    """A convolutional comparator and several networks that follow the data.

    Attributes:
        preset: its lighter form is that of the networks.
        members: number of networks that follow the data.
        steps: optimizer steps of each network.
        optimism: weight of the disagreement, in standard deviations.
        provider: "auto", "cpu" or "cuda", of the scoring.
    """

    preset: str | ComparatorPreset = "default"
    members: int = MEMBERS
    steps: int = STEPS
    optimism: float = OPTIMISM
    provider: str = "auto"

    def __post_init__(self) -> None:
        if self.members < 1:
            raise ConfigurationError(f"committee must be at least 1, not {self.members}")
        if self.steps < LEAST_STEPS:
            raise ConfigurationError(f"steps must be at least {LEAST_STEPS}, not {self.steps}")
        if not self.optimism >= 0:
            raise ConfigurationError(f"optimism must be at least 0, not {self.optimism}")

    def promising(
        self,
        labels: LabelSet,
        source: CandidateSource,
        generator: np.random.Generator,
        seed: int,
    ) -> ArchitectureBatch:
        """Return candidates, the most worth a label first.

        They are ordered by the committee's mean score plus `optimism` times its disagreement.

        Args:
            labels: at least 10 labels to learn from.
            source: gives the candidates.
            generator: of random candidates.
            seed: of the fits.
        """
        preset = self._light_preset()
        leader = fit_comparator(labels.space, labels, preset, seed)
        candidates = source.candidates(labels, leader, generator)
        if len(candidates) < 2:
            return candidates
        leading = scores(leader, candidates, self.provider)
        shortlist = np.argsort(-leading, kind="stable")[:SHORTLIST]
        candidates = candidates[shortlist]
        flows = flow_scores(labels, candidates, self.members, self._flow(), preset.fit, seed)
        opinions = np.vstack([standardized(leading[shortlist]), flows])
        optimistic = opinions.mean(axis=0) + self.optimism * opinions.std(axis=0)
        return candidates[np.argsort(-optimistic, kind="stable")]

    def _light_preset(self) -> ComparatorPreset:
        """Return the preset of the networks: fitted to labels directly."""
        preset = comparator_preset(self.preset)
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
        distillation = comparator_preset(self.preset).distillation
        return FlowConfig() if distillation is None else distillation.flow


def round_size(queries: int) -> int:
    """Return how many queries a round has, unless said otherwise: a twentieth, 5 to 25."""
    return int(np.clip(queries // ROUNDS, LEAST_BATCH, MOST_BATCH))
