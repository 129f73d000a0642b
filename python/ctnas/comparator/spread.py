"""Labels as failed trainings do not distort them: normal scores, robust deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array


def normal_scores(values: Float64Array) -> Float64Array:
    """Return the normal quantiles of the ranks, ties sharing their mean rank."""
    from scipy.stats import norm, rankdata

    scores: Float64Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


def standardized(score: Float64Array) -> Float64Array:
    """Return scores with mean 0 and deviation 1; constant ones become 0."""
    deviation = score.std()
    centered: Float64Array = score - np.mean(score)
    return centered / deviation if deviation > 0 else centered


def robust_deviation(values: Float64Array) -> float:
    """Return the standard deviation by quartiles, which failed trainings do not move."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(high - low) / 1.349
