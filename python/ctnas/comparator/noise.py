"""How much a label would differ if it were measured again."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ctnas.app.threads import one_thread
from ctnas.comparator.features import FeatureScale, feature_groups
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.spread import normal_scores, robust_deviation

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, Int64Array
    from ctnas.comparator.presets import FitConfig
    from ctnas.labels import LabelSet

ENOUGH_REPETITIONS = 20
"""From so many degrees of freedom on, repetitions alone say how large the noise is."""
MOST_ROWS = 300
"""Labels of which it is estimated where there are more; the cost is cubic."""
OUTLIERS = 0.25
"""Share of the labels, the lowest ones, whose values say no more than that they are low."""


def estimate_noise(labels: LabelSet, seed: int = 0) -> float:
    """Return the standard deviation of the noise of one measurement, in the unit of the metric.

    Where architectures were measured repeatedly, it is pooled from their spreads. Elsewhere it is
    what a Gaussian process cannot explain: the noise under which all labels are most likely. Few
    repetitions count as much as they are many.

    Args:
        labels: at least 10.
        seed: of the choice of labels where there are many.

    Returns:
        0 if all labels are equal.
    """
    pooled, freedom = _pooled(labels.counts, labels.spreads)
    if freedom >= ENOUGH_REPETITIONS:
        return pooled
    unexplained = _unexplained(labels, seed)
    trust = freedom / ENOUGH_REPETITIONS
    return sqrt(trust * pooled**2 + (1 - trust) * unexplained**2)


def assumed_noise(labels: LabelSet, fit: FitConfig) -> float:
    """Return the noise that comparisons of labels are learned with, in the unit of the labels."""
    if fit.label_noise is None:
        fit = fit.for_noise(estimate_noise(labels), labels.values)
    return (fit.label_noise or 0.0) * robust_deviation(labels.values)


def _pooled(counts: Int64Array, spreads: Float64Array) -> tuple[float, int]:
    """Return the standard deviation of repeated measurements, and its degrees of freedom."""
    repeated = (counts > 1) & np.isfinite(spreads)
    freedom = counts[repeated] - 1
    if not len(freedom):
        return 0.0, 0
    variance = float(freedom @ spreads[repeated] ** 2) / float(freedom.sum())
    return sqrt(variance), int(freedom.sum())


def _unexplained(labels: LabelSet, seed: int) -> float:
    """Return the noise of a label by the evidence of Gaussian processes, for one measurement.

    Of ranks, as normal scores, it is as large everywhere, which overstates it where labels lie
    dense; of values without their lowest part, it is understated where noise is larger among them.
    The estimate is between both.
    """
    order = np.random.default_rng([seed, len(labels)]).permutation(len(labels))[:MOST_ROWS]
    values = labels.values[order]
    repeated = 1 / float(np.sqrt(np.mean(1 / labels.counts[order])))
    if np.ptp(values) == 0:
        return 0.0
    raw = feature_groups(labels.space, labels.space.canonical(labels.architectures[order]))
    groups = FeatureScale(raw)(raw)
    if not groups:
        return float(values.std()) * repeated
    with one_thread():
        scores = normal_scores(values)
        of_ranks = sqrt(GaussianProcess(groups, scores).noise) * _middle_slope(scores, values)
        clipped = np.maximum(values, np.quantile(values, OUTLIERS))
        deviation = float(clipped.std())
        of_values = 0.0
        if deviation > 0:
            scaled = (clipped - clipped.mean()) / deviation
            of_values = sqrt(GaussianProcess(groups, scaled).noise) * deviation
    return sqrt(of_ranks * of_values) * repeated


def _middle_slope(scores: Float64Array, values: Float64Array) -> float:
    """Return how much values change with their normal scores in the middle half of them."""
    order = np.argsort(values, kind="stable")
    middle = order[len(order) // 4 : len(order) - len(order) // 4]
    return max(float(np.polyfit(scores[middle], values[middle], 1)[0]), 0.0)
