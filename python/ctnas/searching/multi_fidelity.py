"""What dear labels are to be expected of architectures, by few of them and by many cheap ones.

A dear label is `level + scale (trust z + sqrt(1 - trust^2) d) + noise`: `z` is what the cheap
labels say, `d` a Gaussian process over architectures for all that they do not say. How much the
cheap labels are trusted, how far dear labels differ and how noisy they are is learned from the dear
ones: every combination of a grid counts as much as it explains them.

Source: Kennedy and O'Hagan, "Predicting the output from a complex computer code when fast
approximations are available", Biometrika 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.spread import robust_deviation

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, Int64Array

TRUSTS = (-0.5, 0.0, 0.3, 0.5, 0.7, 0.85, 0.95)
"""Correlations of cheap and dear labels that may be; a stand-in that is opposite is unlikely."""
LIKELY = (0.2, 0.6, 1.0, 1.0, 1.0, 1.0, 0.6)
"""How likely each is, before anything is known."""
SCALES = 0.00125 * 2.0 ** np.arange(8)
"""Deviations of dear labels over random architectures, fractions of the images: from an eighth of
a point to sixteen."""
NOISES = 0.1 * 2.0 ** np.arange(-3, 5)
"""Deviations of the noise of a dear label, in such scales."""
LEVEL = 100.0
"""Deviation of the level, in such scales: nothing is known of it."""
FAILED = 4.0
"""A label that is so many robust deviations under the median says that it is low, not how low."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is expected of N architectures.

    Attributes:
        mean: float64 [N], expected dear label.
        covariance: float64 [N, N] of these expectations, without the noise of a measurement.
        noise: standard deviation of the noise of one measurement.
        trust: correlation of cheap and dear labels.
    """

    mean: Float64Array
    covariance: Float64Array
    noise: float
    trust: float

    def deviation(self) -> Float64Array:
        """Return the standard deviation of what is expected, [N]."""
        deviation: Float64Array = np.sqrt(np.maximum(self.covariance.diagonal(), 0))
        return deviation

    def lead(self, first: int) -> Float64Array:
        """Return by how many standard deviations `first` is expected to lead each, [N]."""
        variance = self.covariance.diagonal()
        apart = variance + variance[first] - 2 * self.covariance[first]
        deviation = np.sqrt(np.maximum(apart, 0))
        ahead = self.mean[first] - self.mean
        with np.errstate(divide="ignore", invalid="ignore"):
            lead: Float64Array = np.where(deviation > 0, ahead / deviation, np.sign(ahead) * np.inf)
        lead[first] = 0.0
        return lead


def believed(
    cheap: Float64Array, kernel: Float64Array, rows: Int64Array, values: Float64Array
) -> Belief:
    """Return what is expected of N architectures.

    Args:
        cheap: float64 [N], what cheap labels say, in deviations of random architectures.
        kernel: float64 [N, N], how alike architectures are; 1 on the diagonal, in the mean.
        rows: int64 [M], which of them were measured; one that was measured again comes again.
        values: float64 [M], the dear labels, fractions.
    """
    values = _without_failures(values)
    level = float(np.median(values)) if len(values) else 0.0
    parts = [
        _Part(cheap, kernel, rows, values - level, trust, noise)
        for trust in TRUSTS
        for noise in NOISES
    ]
    likely = np.repeat(np.array(LIKELY), len(NOISES))[:, None]
    logs = np.array([part.evidence for part in parts]) + np.log(likely)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return _mixed(parts, weights, level)


def _without_failures(values: Float64Array) -> Float64Array:
    """Return dear labels with a bound for those of trainings that failed."""
    if not len(values):
        return values
    deviation = robust_deviation(values)
    if deviation == 0:
        return values
    bounded: Float64Array = np.maximum(values, np.median(values) - FAILED * deviation)
    return bounded


class _Part:
    """One trust and one noise, with every scale.

    Attributes:
        evidence: [S], logarithm of the likelihood of the labels for each scale.
    """

    def __init__(
        self,
        cheap: Float64Array,
        kernel: Float64Array,
        rows: Int64Array,
        values: Float64Array,
        trust: float,
        noise: float,
    ) -> None:
        self.trust, self.noise = trust, noise
        self._cheap, self._values = cheap, values
        self._prior = (1 - trust**2) * kernel + LEVEL**2
        known = self._prior[np.ix_(rows, rows)]
        self._factor = np.linalg.cholesky(known + noise**2 * np.eye(len(rows)))
        self._across = self._solved(self._prior[rows])
        self._targets = self._solved(np.stack([values, trust * cheap[rows]], axis=1))
        self.evidence = self._evidence()

    def mean(self, scale: float) -> Float64Array:
        """Return the posterior mean [N] for a scale."""
        labels, said = self._targets.T
        mean: Float64Array = scale * self.trust * self._cheap + self._across.T @ (
            labels - scale * said
        )
        return mean

    def covariance(self) -> Float64Array:
        """Return the posterior covariance [N, N], in squared scales."""
        covariance: Float64Array = self._prior - self._across.T @ self._across
        return covariance

    def _evidence(self) -> Float64Array:
        labels, said = self._targets.T
        residuals = labels[:, None] / SCALES - said[:, None]
        fixed = np.log(self._factor.diagonal()).sum()
        evidence: Float64Array = (
            -0.5 * np.square(residuals).sum(axis=0) - fixed - len(labels) * np.log(SCALES)
        )
        return evidence

    def _solved(self, columns: Float64Array) -> Float64Array:
        from scipy.linalg import solve_triangular

        if not len(columns):
            return columns  # LAPACK refuses systems of no equations
        solved: Float64Array = solve_triangular(self._factor, columns, lower=True)
        return solved


def _mixed(parts: list[_Part], weights: Float64Array, level: float) -> Belief:
    """Return mean and covariance over all combinations.

    Args:
        parts: P trusts and noises.
        weights: [P, S] of each with each scale, in all 1.
        level: added to every mean.
    """
    means = np.array([[part.mean(scale) for scale in SCALES] for part in parts])
    mean: Float64Array = np.einsum("ps,psn->n", weights, means)
    squares = weights @ np.square(SCALES)
    covariance = sum(
        square * part.covariance() for square, part in zip(squares, parts, strict=True)
    )
    apart = (means - mean).reshape(-1, len(mean))
    spread = (apart * weights.reshape(-1, 1)).T @ apart
    noises = np.array([part.noise for part in parts])
    noise = float(np.sqrt(squares @ np.square(noises)))
    trust = float(weights.sum(axis=1) @ np.array([part.trust for part in parts]))
    return Belief(mean + level, covariance + spread, noise, trust)
