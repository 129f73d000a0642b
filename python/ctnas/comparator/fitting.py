"""Fit a comparator to labels."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import TYPE_CHECKING, TypeAlias

from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.checked import check_type, seed_of
from ctnas.comparator.calibration import Calibration
from ctnas.comparator.comparisons import LabeledComparisons
from ctnas.comparator.core_networks import learning_graphs
from ctnas.comparator.encoders import BidirectionalEncoder
from ctnas.comparator.ensemble import ensemble_consensus
from ctnas.comparator.imitation import Imitation, imitate_scores
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.noise import estimate_noise
from ctnas.comparator.pool import unlabeled_pool
from ctnas.comparator.presets import ComparatorPreset, comparator_preset
from ctnas.comparator.prior import checked_priors
from ctnas.comparator.training import ComparatorTrainer
from ctnas.errors import ConfigurationError
from ctnas.labels.label_set import LabelSet
from ctnas.spaces.space import SearchSpace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.comparator.presets import DistillationConfig, FitConfig
    from ctnas.comparator.prior import Prior

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of steps done and their total."""

WEIGHT_DECAY = 1e-4


def fit_comparator(
    space: SearchSpace,
    labels: LabelSet,
    preset: str | ComparatorPreset = "default",
    seed: int = 0,
    progress: Progress | None = None,
    *,
    prior: Sequence[Prior] = (),
) -> NeuralArchitectureComparator:
    """Fit a comparator to labels.

    The paper's preset learns from comparisons of labels alone (section 4.1). The default one learns
    from an ensemble that has learned from them, and that labels thousands of further architectures.

    Args:
        space: the space of the labels.
        labels: at least 10 labels; higher is better.
        preset: "default", "paper" (section 4 and appendix C), "smoke" (quick, to try things out) or
            settings of one's own.
        seed: of initial weights, dropout and draws. Equal seeds give equal weights on the CPU.
        progress: called after every step.
        prior: what is known of architectures besides labels, right or wrong: comparators of this
            space (fitted, exported, or the directory of one), or labels of another metric. How much
            they are believed is learned from `labels`; the result takes graphs only.

    Raises:
        ArchitectureError: if the labels are of another space.
        LabelError: if there are less than 10 labels.
        ConfigurationError: if there is no such preset, or it cannot use priors.
    """
    check_type("space", space, SearchSpace, 'such as ctnas.get_space("nasbench201")')
    check_type("labels", labels, LabelSet, "LabelSet.read takes a table")
    space.check(labels.architectures)
    labels.require()
    seed = seed_of(seed)
    settings = comparator_preset(preset)
    priors = checked_priors(space, prior)
    if priors and settings.distillation is None:
        raise ConfigurationError(
            f"preset {settings.name!r} learns from comparisons of labels alone and takes no prior"
        )
    noise = estimate_noise(labels, seed)
    fit = settings.fit.for_labels(len(labels)).for_noise(noise, labels.values)
    with own_state(seed), one_thread():
        comparator = NeuralArchitectureComparator(space, settings.encoder)
        if settings.distillation is None:
            _learn_comparisons(comparator, labels, fit, seed, progress)
        else:
            config = settings.distillation
            _distill(comparator, labels, fit, config, seed, progress, priors)
    comparator.encoder.eval()
    comparator.label_count, comparator.metric = len(labels), labels.metric
    comparator.noise, comparator.priors = noise, priors
    return comparator


def _learn_comparisons(
    comparator: NeuralArchitectureComparator,
    labels: LabelSet,
    fit: FitConfig,
    seed: int,
    progress: Progress | None,
) -> None:
    trainer = ComparatorTrainer(comparator.encoder, fit)
    batches = LabeledComparisons(labels, fit, seed)
    counter = _Counter(fit.steps, progress)
    for _ in range(fit.steps):
        trainer.step(batches.draw())
        counter.advance()


def _distill(
    comparator: NeuralArchitectureComparator,
    labels: LabelSet,
    fit: FitConfig,
    config: DistillationConfig,
    seed: int,
    progress: Progress | None,
    priors: Sequence[Prior],
) -> None:
    """Teach the comparator what an ensemble thinks of a pool of unlabeled architectures."""
    encoder = comparator.encoder
    assert isinstance(encoder, BidirectionalEncoder)  # The preset is of no other.
    steps = max(config.steps, 2 * fit.steps)
    members = config.convolutions + config.flows
    counter = _Counter(members * fit.steps + steps, progress)
    pool = unlabeled_pool(labels, config, seed)
    consensus = ensemble_consensus(labels, pool, fit, config, seed, counter.advance, priors)
    # P(i better than j) = Phi((s_i - s_j) / (sqrt(2) error)); a sigmoid of slope sqrt(8 / pi)
    # times the argument is as steep in the middle.
    logit_scale = sqrt(8 / pi) / (sqrt(2) * max(consensus.error, 0.05))
    calibration = Calibration.learned(consensus.held_out * logit_scale, labels.values)
    if calibration is not None and labels.minimize:
        calibration = calibration.turned()
    comparator.calibration = calibration
    imitate_scores(
        encoder,
        comparator.space.vocabulary,
        learning_graphs(comparator.space, pool, views=False),
        consensus.score * logit_scale,
        Imitation(steps, config.learning_rate, WEIGHT_DECAY, config.batch, logit_scale),
        seed,
        counter.advance,
    )


class _Counter:
    """Reports steps."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def advance(self, steps: int = 1) -> None:
        """Report further steps."""
        self._done += steps
        if self._progress is not None:
            self._progress(self._done, self._total)
