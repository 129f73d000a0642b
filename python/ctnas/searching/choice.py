"""The final choice among measured architectures, noise in mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.spread import robust_deviation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.labels import LabelSet


def shrunken_labels(
    values: Float64Array, predicted: Float64Array, noise: float | Float64Array
) -> Float64Array:
    """Return what is to be believed of labels beside predictions of them.

    A label is `truth + noise`, and the truth is `prediction + error`. Its posterior mean lies
    between prediction and label, the nearer to the label the more of the residual variance is the
    predictor's error: `prediction + error^2 / (error^2 + noise^2) (label - prediction)`.

    Predictions are brought to the scale of the labels by a robust line through the upper half of
    them, and the residuals there give `error^2 + noise^2`: a choice is made among the best.

    Args:
        values: [N] labels.
        predicted: [N], in any unit; higher is better.
        noise: standard deviation of the noise of a label, or of each [N], in their unit.

    Returns:
        float64 [N], in the unit of the labels.
    """
    line = label_line(values, predicted)
    if not np.any(noise) or line is None:
        return values
    expected = line(predicted)
    residual = values - expected
    upper = predicted >= np.median(predicted)
    variance = robust_deviation(residual[upper]) ** 2
    if variance == 0:
        return values
    error = max(0.0, variance - float(np.mean(np.square(noise))))
    shrunken: Float64Array = expected + error / (error + np.square(noise)) * residual
    return shrunken


def label_line(
    values: Float64Array, predicted: Float64Array
) -> Callable[[Float64Array], Float64Array] | None:
    """Return what brings predictions to the scale of labels; None if they do not differ.

    Args:
        values: [N] labels.
        predicted: [N], in any unit; a robust line through the upper half of them.
    """
    from scipy.stats import theilslopes

    upper = predicted >= np.median(predicted)
    if np.ptp(predicted[upper]) == 0:
        return None
    slope, intercept, *_ = theilslopes(values[upper], predicted[upper])
    return lambda said: intercept + slope * said


def best_and_median(sampled: LabelSet) -> ArchitectureBatch:
    """Return the best and the median of a random sample, which tell what a search gained."""
    order = np.argsort(-sampled.values, kind="stable")
    return sampled.architectures[[int(order[0]), int(order[len(order) // 2])]]
