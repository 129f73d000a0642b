"""Fronts of up to three objectives: what dominates, how much, and how much more is expected.

All values are gains: the higher, the better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Float64Array


def on_front(gains: Float64Array) -> BoolArray:
    """Return which of N rows no other one dominates, [N]; of equal rows the first.

    A row dominates another if it is at least as good everywhere, and not equal.

    Args:
        gains: float64 [N, K].
    """
    # Who dominates a row comes before it.
    order = np.lexsort(-gains.T[::-1])
    kept: list[int] = []
    for row in order.tolist():
        if not (gains[kept] >= gains[row]).all(axis=1).any():
            kept.append(row)
    result = np.zeros(len(gains), dtype=np.bool_)
    result[kept] = True
    return result


def depths(gains: Float64Array) -> Float64Array:
    """Return 0 for rows of the front, 1 for those of the front behind it, and so on, [N]."""
    depth = np.full(len(gains), np.nan)
    level = 0
    while np.isnan(depth).any():
        left = np.flatnonzero(np.isnan(depth))
        depth[left[on_front(gains[left])]] = level
        # Equal rows are of one front.
        level += 1
    return depth


def hypervolume(gains: Float64Array, reference: Float64Array) -> float:
    """Return the volume that rows dominate above a reference point.

    Args:
        gains: float64 [N, K], K from 1 to 3.
        reference: float64 [K].

    Raises:
        ConfigurationError: if K is larger.
    """
    above = gains[(gains > reference).all(axis=1)] - reference
    return _volume(above)


def _volume(above: Float64Array) -> float:
    """Return the volume between rows [N, K] and 0: slab by slab along the last objective."""
    if not len(above):
        return 0.0
    _check_number(above.shape[1])
    if above.shape[1] == 1:
        return float(above.max())
    heights = np.unique(above[:, -1])
    thickness = np.diff(heights, prepend=0.0)
    return float(
        sum(
            thick * _volume(above[above[:, -1] >= height][:, :-1])
            for thick, height in zip(thickness, heights, strict=True)
        )
    )


def expected_improvement(
    front: Float64Array, reference: Float64Array, mean: Float64Array, deviation: Float64Array
) -> Float64Array:
    """Return by how much N candidates are expected to raise the hypervolume, float64 [N].

    The volume that a point adds is a sum over the slabs between the front's values along the last
    objective, each the product of how far the point reaches into the slab and what it adds to the
    front of the points that reach beyond; the objectives are independent, so the expectation is the
    sum of products of expectations. For one objective this is the expected improvement.

    Source: Emmerich et al., "Hypervolume-based expected improvement", CEC 2011, in the form of
    Yang et al., "Efficient computation of expected hypervolume improvement", JOGO 2019.

    Args:
        front: float64 [M, K], gains of what is known.
        reference: float64 [K].
        mean: float64 [N, K], of the candidates.
        deviation: float64 [N, K]; 0 where a gain is known.
    """
    _check_number(mean.shape[1])
    front = front[(front > reference).all(axis=1)]
    return _expected(front, reference, mean, deviation)


def _expected(
    front: Float64Array, reference: Float64Array, mean: Float64Array, deviation: Float64Array
) -> Float64Array:
    last = mean.shape[1] - 1
    along = mean[:, last], deviation[:, last]
    if last == 0:
        best = max([float(reference[0]), *front[:, 0].tolist()])
        return _excess(*along, best)
    edges = np.unique(np.concatenate([reference[last:], front[:, last]]))
    beyond = [_excess(*along, edge) for edge in edges.tolist()]
    total = np.zeros(len(mean))
    for place, edge in enumerate(edges.tolist()):
        reached = beyond[place] - (beyond[place + 1] if place + 1 < len(edges) else 0.0)
        higher = front[front[:, last] > edge]
        total += reached * _expected(higher, reference, mean[:, :last], deviation[:, :last])
    return total


def _excess(mean: Float64Array, deviation: Float64Array, bound: float) -> Float64Array:
    """Return by how much normal numbers [N] are expected to be above a bound, and 0 below."""
    apart = mean - bound
    spread = deviation > 0
    scaled = np.divide(apart, deviation, out=np.zeros_like(apart), where=spread)
    density = np.exp(-0.5 * scaled**2) / np.sqrt(2 * np.pi)
    uncertain = apart * ndtr(scaled) + deviation * density
    return np.where(spread, np.maximum(uncertain, 0.0), np.maximum(apart, 0.0))


def _check_number(objectives: int) -> None:
    if objectives > 3:
        raise ConfigurationError(f"hypervolumes are of 3 objectives at the most, not {objectives}")
