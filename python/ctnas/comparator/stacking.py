"""How much each kind of model is listened to: what it says of labels that it has not learned from.

Source: Wolpert, "Stacked generalization", Neural Networks 1992; Breiman, "Stacked regressions",
Machine Learning 1996, whose weights are not negative either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.spread import normal_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import BoolArray, Float64Array, Int64Array

TRUST = 20.0
"""The usual weights count as much as so many labels."""
LEAST = 0.1
"""Share of its usual weight that a kind has at least: few labels mislead."""
SHARPNESS = 4.0
"""Power of its precision, relative to the best other kind, that an additive kind is believed by."""
LEAST_ERROR = 1e-3
"""Of the variance of labels as normal scores: more precise than that is as good as exact."""
ENOUGH_COMPLETE = 20
"""From so many labels on that were held back from every kind, only those tell how good all are."""
LEAST_SLOPE = 0.3
"""Differences between labels are expected to be at least so much of what all kinds say."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a kind of model thinks.

    Attributes:
        score: float64 [N], of a pool of architectures; higher is better.
        held_out: float64 [M], of the labels by models that did not learn from them, on the same
            scale; NaN where every model did.
        weight: how much it is usually listened to.
        additive: whether it adds up what parts of an architecture cost, in the labels' own unit.
    """

    score: Float64Array
    held_out: Float64Array
    weight: float
    additive: bool = False

    def as_normal_scores(self) -> Opinion:
        """Return it with what is said of the pool as normal scores, of labels on the same scale.

        Networks that learn from comparisons say what is better, not by how much: their scale bends,
        while labels are normal scores.
        """
        levels, first = np.unique(self.score, return_index=True)
        normal = normal_scores(self.score)
        held_out = np.interp(self.held_out, levels, normal[first])
        return Opinion(normal, held_out, self.weight, self.additive)


def stacked(opinions: Sequence[Opinion], target: Float64Array) -> Opinion:
    """Return what all kinds of models say together, in the unit of the labels.

    Weights minimize the squared error at labels that were held back, and their distance to the
    usual ones. None is negative, or much smaller than usual.

    Args:
        opinions: of K kinds.
        target: float64 [M], the labels.

    Returns:
        Their weighted sum, and the same of the labels: of kinds that were held back from one.
    """
    parts = [opinion.as_normal_scores() for opinion in opinions]
    scores, held_out = (
        np.array([getattr(part, name) for part in parts]) for name in ("score", "held_out")
    )
    usual = np.array([part.weight for part in parts])
    additive = np.array([opinion.additive for opinion in opinions])
    if additive.any():
        usual = _raised(usual, held_out, target, additive)
    weights, offset = _weights(held_out, target, usual / usual.sum())
    said = weights @ np.nan_to_num(held_out)
    heard = weights @ ~np.isnan(held_out)
    complete = ~np.isnan(held_out).any(axis=0)
    # Where too few labels were held back from all kinds, the others speak for those that were not.
    known = complete if complete.sum() >= ENOUGH_COMPLETE else heard > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        together = np.where(known, said * (weights.sum() / heard), np.nan)
    return Opinion(weights @ scores + offset, together + offset, 1.0)


def _raised(
    usual: Float64Array, held_out: Float64Array, target: Float64Array, additive: BoolArray
) -> Float64Array:
    """Return weights [K] in which kinds that add up costs count more where they are more precise.

    Where costs do add up, such a kind is much more precise than all others, and few labels are
    enough to see that; elsewhere its weight is the usual one.
    """
    rows = ~np.isnan(held_out).any(axis=0)
    error = np.maximum(np.var(target[rows] - held_out[:, rows], axis=1), LEAST_ERROR)
    others = float(np.min(error[~additive], initial=np.inf))
    factor = np.where(additive, np.maximum(others / error, 1.0) ** SHARPNESS, 1.0)
    raised: Float64Array = usual * factor / (usual @ factor)
    return raised


def _weights(
    held_out: Float64Array, target: Float64Array, usual: Float64Array
) -> tuple[Float64Array, float]:
    """Return weights [K] of predictions [K, M] of labels [M], and an offset."""
    from scipy.optimize import nnls

    rows: Int64Array = np.flatnonzero(~np.isnan(held_out).any(axis=0))
    said, truth = held_out[:, rows], target[rows]
    center, level = said.mean(axis=1), float(truth.mean())
    said, truth = said - center[:, None], truth - level
    together = usual @ said
    spread = float(together @ together)
    slope = float(together @ truth) / spread if spread > 0 else 0.0
    expected = max(slope, LEAST_SLOPE) * usual
    # What is left to be found: how much each weight exceeds the least one.
    least = LEAST * expected
    more, _ = nnls(
        np.vstack([said.T, np.sqrt(TRUST) * np.eye(len(usual))]),
        np.concatenate([truth - least @ said, np.sqrt(TRUST) * (expected - least)]),
    )
    weights: Float64Array = least + more
    return weights, level - float(weights @ center)
