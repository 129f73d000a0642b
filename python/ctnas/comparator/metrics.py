"""Agreement between a predicted order and a measured one."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array


def kendall_tau(predicted: Float64Array, measured: Float64Array) -> float:
    """Return Kendall's tau-b, which corrects for ties.

    Args:
        predicted: [N] scores.
        measured: [N] labels of the same architectures.

    Returns:
        A value in [-1, 1]; 0 where one of the two is constant, as there is no order to agree on.
    """
    from scipy.stats import kendalltau

    statistic = float(kendalltau(predicted, measured).statistic)
    return 0.0 if isnan(statistic) else statistic


def sign_agreement(predicted: Float64Array, measured: Float64Array) -> float:
    """Return Eq. 12: the mean over all pairs of the product of both signs, ties counting 0."""
    first, second = np.triu_indices(len(predicted), k=1)
    signs = np.sign(predicted[first] - predicted[second])
    return float(np.mean(signs * np.sign(measured[first] - measured[second])))
