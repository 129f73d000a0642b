"""From a comparator's logit to a value in the unit of its labels, with an interval.

The logit orders architectures; what it is worth is learned from labels that were held back from the
models that foresee them. Both the value and its interval rise with the logit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.spread import normal_scores
from ctnas.errors import ModelError

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array

COVERAGE = 0.8
"""Share of the values that lie in their interval."""
KNOTS = 33
"""Points between which values are interpolated."""
FOLDS = 5
LEAST_KNOWN = 8
"""Labels held back that a calibration needs at least."""
_NAMES = ("logit", "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Monotone maps from challenger logits to values.

    Attributes:
        logit: float64 [K], ascending.
        value: float64 [K], expected, in the unit of the labels.
        low: float64 [K], what a label falls below with probability 0.1.
        high: float64 [K], what it exceeds with probability 0.1.
    """

    logit: Float64Array
    value: Float64Array
    low: Float64Array
    high: Float64Array

    @classmethod
    def learned(cls, logit: Float64Array, values: Float64Array) -> Calibration | None:
        """Learn from labels that were held back.

        In normal scores of the labels, errors are about as large everywhere; there the interval is
        measured, and its ends are brought back to values. Errors are those of maps that did not see
        them.

        Args:
            logit: float64 [M], NaN where a label was not held back.
            values: float64 [M], higher is better.

        Returns:
            None if too few were held back.
        """
        known = np.isfinite(logit)
        if known.sum() < LEAST_KNOWN:
            return None
        scores = normal_scores(values)
        logit, truth = logit[known], scores[known]
        knots = np.quantile(logit, np.linspace(0, 1, KNOTS))
        expected = _monotone(logit, truth)
        error = truth - _left_out(logit, truth)
        low, high = (_bound(error, side) for side in (-1, 1))
        middle = np.interp(knots, *expected)
        unit = _Unit(values, scores)
        return cls(knots, unit(middle), unit(middle + low), unit(middle + high))

    def turned(self) -> Calibration:
        """Return it for labels of which lower is better: values fall with the logit."""
        return Calibration(self.logit, -self.value, -self.high, -self.low)

    def predict(self, logit: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Return values of logits [N] and the ends of their intervals, float64 [N] each."""
        value, low, high = (
            np.interp(logit, self.logit, ends) for ends in (self.value, self.low, self.high)
        )
        return value, low, high

    def to_text(self) -> str:
        """Return it as a model file holds it."""
        arrays = {name: getattr(self, name) for name in _NAMES}
        # More digits than a label has would only be noise in the file.
        return json.dumps({name: [float(f"{x:.9g}") for x in of] for name, of in arrays.items()})

    @classmethod
    def from_text(cls, text: str) -> Calibration:
        """Read what `to_text` wrote.

        Raises:
            ModelError: if it is no calibration.
        """
        try:
            entries = json.loads(text)
            arrays = [np.array(entries[name], dtype=np.float64) for name in _NAMES]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the values of the model are damaged: {error}") from None
        usable = arrays[0].ndim == 1 and len(arrays[0]) > 0 and (np.diff(arrays[0]) >= 0).all()
        if not usable or any(
            array.shape != arrays[0].shape or not np.isfinite(array).all() for array in arrays
        ):
            raise ModelError("the values of the model are damaged: no rows of finite numbers")
        return cls(*arrays)


class _Unit:
    """Brings normal scores of labels back to their unit; beyond them, on a line."""

    def __init__(self, values: Float64Array, scores: Float64Array) -> None:
        order = np.argsort(scores, kind="stable")
        self._scores, self._values = scores[order], values[order]

    def __call__(self, scores: Float64Array) -> Float64Array:
        low, high = self._scores[0], self._scores[-1]
        inside = np.interp(scores, self._scores, self._values)
        below, above = np.minimum(scores - low, 0), np.maximum(scores - high, 0)
        beyond: Float64Array = inside + below * self._slope(0) + above * self._slope(1)
        return beyond

    def _slope(self, upper: int) -> float:
        """Return how much values change with the scores in the outer quarter."""
        count = max(len(self._scores) // 4, 2)
        part = slice(-count, None) if upper else slice(None, count)
        ends = self._scores[part][[0, -1]]
        change = float(np.diff(self._values[part][[0, -1]])[0])
        return change / float(np.diff(ends)[0]) if np.diff(ends)[0] > 0 else 0.0


def _monotone(logit: Float64Array, truth: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the points of the rising line through labels that is nearest to them."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(logit, kind="stable")
    fitted = isotonic_regression(truth[order])
    centers = [
        float(logit[order][start:end].mean())
        for start, end in zip(fitted.blocks[:-1], fitted.blocks[1:], strict=True)
    ]
    return np.array(centers), fitted.x[fitted.blocks[:-1]]


def _left_out(logit: Float64Array, truth: Float64Array) -> Float64Array:
    """Return what is expected of each label by those of other folds."""
    fold = np.argsort(np.argsort(logit, kind="stable")) % FOLDS
    expected = np.empty(len(truth))
    for held in range(FOLDS):
        others = fold != held
        expected[~others] = np.interp(logit[~others], *_monotone(logit[others], truth[others]))
    return expected


def _bound(error: Float64Array, side: int) -> float:
    """Return the error that is exceeded to one side with the probability that is allowed.

    Of n errors and a new one, each is equally likely to be the k-th largest.
    """
    allowed = (1 - COVERAGE) / 2
    level = min((1 - allowed) * (1 + 1 / len(error)), 1.0)
    return side * float(np.quantile(side * error, level))
