"""Fit a comparator to labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.architecture import ArchitectureBatch
from ctnas.checked import check_callable, check_type, seed_of
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

    from ctnas.architecture import Float64Array
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
    return fit_and_judge(space, labels, None, preset, seed, progress, prior=prior)[0]


def fit_and_judge(
    space: SearchSpace,
    labels: LabelSet,
    candidates: ArchitectureBatch | None,
    preset: str | ComparatorPreset = "default",
    seed: int = 0,
    progress: Progress | None = None,
    *,
    prior: Sequence[Prior] = (),
) -> tuple[NeuralArchitectureComparator, Float64Array]:
    """Fit a comparator, and have those that it learns from judge some candidates.

    An ensemble is more often right at the very top than the small network that learns from it, and
    that one is more often right where it has learned.

    Args:
        space: as in `fit_comparator`, like all others.
        labels: at least 10 labels; higher is better.
        candidates: N architectures, on which the comparator learns as well; None for none.
        preset: one without an ensemble has the comparator itself judge.
        seed: of initial weights, dropout and draws.
        progress: called after every step.
        prior: what is known of architectures besides labels.

    Returns:
        The comparator, and challenger logits of the candidates, float64 [N]: comparisons of one
        with another are antisymmetric, the opponent logit is their negative.
    """
    check_type("space", space, SearchSpace, 'such as ctnas.get_space("nasbench201")')
    check_type("labels", labels, LabelSet, "LabelSet.read takes a table")
    space.check(labels.architectures)
    check_callable("progress", progress)
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
    judged = candidates if candidates is not None else labels.architectures[:0]
    with own_state(seed), one_thread():
        comparator = NeuralArchitectureComparator(space, settings.encoder)
        if settings.distillation is None:
            _learn_comparisons(comparator, labels, fit, seed, progress)
            comparator.encoder.eval()
            logits = comparator.encode(judged)[0].astype(np.float64)
        else:
            lesson = _Lesson(labels, judged, fit, settings.distillation, seed, priors)
            logits = _distill(comparator, lesson, progress)
    comparator.encoder.eval()
    comparator.label_count, comparator.metric = len(labels), labels.metric
    comparator.noise, comparator.priors = noise, priors
    return comparator, logits


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


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What a comparator learns from an ensemble, and how.

    Attributes:
        labels: the ensemble learns from them.
        candidates: what is judged, and learned beside other unlabeled architectures.
        fit: how networks of the ensemble learn.
        config: ensemble, pool and steps.
        seed: of all draws.
        priors: what is known besides labels.
    """

    labels: LabelSet
    candidates: ArchitectureBatch
    fit: FitConfig
    config: DistillationConfig
    seed: int
    priors: Sequence[Prior]


def _distill(
    comparator: NeuralArchitectureComparator, lesson: _Lesson, progress: Progress | None
) -> Float64Array:
    """Teach the comparator what an ensemble thinks of unlabeled architectures.

    Returns:
        The logits that it learned of the candidates.
    """
    encoder, config, seed = comparator.encoder, lesson.config, lesson.seed
    assert isinstance(encoder, BidirectionalEncoder)  # The preset is of no other.
    steps = max(config.steps, 2 * lesson.fit.steps)
    members = config.convolutions + config.flows
    counter = _Counter(members * lesson.fit.steps + steps, progress)
    pool = ArchitectureBatch.concatenate(
        [unlabeled_pool(lesson.labels, config, seed), lesson.candidates]
    )
    labels = lesson.labels
    consensus = ensemble_consensus(
        labels, pool, lesson.fit, config, seed, counter.advance, lesson.priors
    )
    # P(i better than j) = Phi((s_i - s_j) / (sqrt(2) error)); a sigmoid of slope sqrt(8 / pi)
    # times the argument is as steep in the middle.
    logit_scale = sqrt(8 / pi) / (sqrt(2) * max(consensus.error, 0.05))
    logits = consensus.score * logit_scale
    calibration = Calibration.learned(consensus.held_out * logit_scale, labels.values)
    if calibration is not None and labels.minimize:
        calibration = calibration.turned()
    comparator.calibration = calibration
    imitate_scores(
        encoder,
        comparator.space.vocabulary,
        learning_graphs(comparator.space, pool, views=False),
        logits,
        Imitation(steps, config.learning_rate, WEIGHT_DECAY, config.batch, logit_scale),
        seed,
        counter.advance,
    )
    return logits[len(pool) - len(lesson.candidates) :]


class _Counter:
    """Reports steps."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def advance(self, steps: int = 1) -> None:
        """Report further steps."""
        self._done += steps
        if self._progress is not None:
            self._progress(self._done, self._total)
