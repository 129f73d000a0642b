"""One number for each trial: objectives weighed, and constraints before objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array

_LINEAR_SHARE = 0.05
"""Weight of the sum beside the worst objective (Knowles 2006, eq. 2)."""


def bounded(objectives: Float64Array) -> Float64Array:
    """Return objectives [N, M] with infinities replaced by the furthest finite values."""
    finite = np.isfinite(objectives)
    result = objectives.copy()
    for column, known in enumerate(finite.T):
        values = objectives[known, column] if known.any() else np.zeros(1)
        result[:, column] = np.clip(objectives[:, column], values.min(), values.max())
    return result


def scalarized(objectives: Float64Array, generator: np.random.Generator) -> Float64Array:
    """Return one value for each trial; higher is better.

    Several objectives are weighed at random by the augmented Tchebycheff function, as ParEGO does
    (Knowles 2006): every draw of the weights leads to another part of the Pareto front.

    Args:
        objectives: float64 [N, M], finite, higher is better.
        generator: draws the weights.

    Returns:
        float64 [N].
    """
    if objectives.shape[1] == 1:
        return objectives[:, 0]
    low, high = objectives.min(axis=0), objectives.max(axis=0)
    weights = generator.dirichlet(np.ones(objectives.shape[1]))
    loss = weights * (high - objectives) / np.where(high > low, high - low, 1.0)
    value: Float64Array = -(loss.max(axis=1) + _LINEAR_SHARE * loss.sum(axis=1))
    return value


def feasible_first(values: Float64Array, violation: Float64Array) -> Float64Array:
    """Return values in which every infeasible trial is worse than every feasible one.

    Args:
        values: float64 [N], higher is better.
        violation: float64 [N], 0 for a feasible trial, more the further it is from feasible.

    Returns:
        float64 [N]: the values where all are feasible, ranks otherwise.
    """
    if not (violation > 0).any():
        return values
    ranked = np.where(violation > 0, -np.inf, values)
    order = np.lexsort((ranked, -violation))
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    return ranks
