"""The final choice among measured architectures, noise in mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.spread import robust_deviation

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array


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
    from scipy.stats import theilslopes

    upper = predicted >= np.median(predicted)
    if not np.any(noise) or np.ptp(predicted[upper]) == 0:
        return values
    slope, intercept, *_ = theilslopes(values[upper], predicted[upper])
    expected = intercept + slope * predicted
    residual = values - expected
    variance = robust_deviation(residual[upper]) ** 2
    if variance == 0:
        return values
    error = max(0.0, variance - float(np.mean(np.square(noise))))
    shrunken: Float64Array = expected + error / (error + np.square(noise)) * residual
    return shrunken
