"""Exact Gaussian process regression on groups of features."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import Float64Array, Int64Array

EVALUATIONS = 40
"""Of evidence and gradient at the most."""
SCALE_DEVIATION = 0.3
"""Of the logarithm of a feature's length scale: few labels cannot tell many scales apart."""
WEIGHT_DEVIATION = 2.0
"""Of the logarithms of a kernel's weight and of the noise."""
EVIDENCE_ROWS = 400
"""Hyperparameters are learned on so many labels at the most; the cost is cubic."""
MOST_ROWS = 6_000
"""Of more labels, so many are used."""
JITTER = 1e-6
CHUNK = 8_192
"""Rows that are predicted at once."""
_LINEAR, _EXPONENTIAL, _NOISE = -2.0, 0.0, -2.0
"""Logarithms of weights and noise that are expected before anything is known."""


class GaussianProcess:
    """For each group of features a linear kernel and a squared exponential one, plus noise.

    Length scales, weights and noise maximize the evidence under a prior on their logarithms.

    Args:
        groups: float64 [M, F] each, standardized; of different kinds.
        target: float64 [M].
        seed: of the choice of rows where there are too many.
    """

    def __init__(self, groups: Sequence[Float64Array], target: Float64Array, seed: int = 0) -> None:
        self._order = np.random.default_rng(seed).permutation(len(target))[:MOST_ROWS]
        self._mean = float(target.mean())
        self._centered = torch.from_numpy(target[self._order] - self._mean)
        self._inputs = [torch.from_numpy(group[self._order]) for group in groups]
        evidence = _Evidence(
            [group[:EVIDENCE_ROWS] for group in self._inputs], self._centered[:EVIDENCE_ROWS]
        )
        self._kernels, self.noise = evidence.best()
        products = [group @ group.T for group in self._inputs]
        covariance = _sum_of_kernels(self._kernels, self._inputs, self._inputs, products)
        covariance.diagonal().add_(self.noise)
        self._factor = torch.linalg.cholesky(covariance)
        self._weights = torch.cholesky_solve(self._centered[:, None], self._factor)[:, 0]
        self._inverse_diagonal = torch.cholesky_inverse(self._factor).diagonal()

    def predict(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the posterior mean at groups [N, F] each, float64 [N]."""
        parts = [self._kernel(rows, self._inputs) @ self._weights for rows in _chunks(groups)]
        result: Float64Array = torch.cat(parts).numpy() + self._mean
        return result

    def deviation(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the posterior standard deviation, without a label's noise, float64 [N]."""
        parts = []
        for rows in _chunks(groups):
            explained = self._explained(rows)
            prior = [
                kernel.variance(group) for kernel, group in zip(self._kernels, rows, strict=True)
            ]
            variance = torch.stack(prior).sum(dim=0) - explained.square().sum(dim=0)
            parts.append(variance.clamp_min(0).sqrt())
        result: Float64Array = torch.cat(parts).numpy()
        return result

    def covariance(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the posterior covariance at groups [N, F] each, without noise, float64 [N, N]."""
        rows = [torch.from_numpy(group) for group in groups]
        explained = self._explained(rows)
        result: Float64Array = (self._kernel(rows, rows) - explained.T @ explained).numpy()
        return result

    def left_out(self) -> tuple[Int64Array, Float64Array]:
        """Return rows of labels, and what all other labels predict there, in closed form.

        Returns:
            int64 [L] and float64 [L]; L is the number of labels, or that of those used.
        """
        remaining = self._weights / self._inverse_diagonal
        predicted: Float64Array = (self._centered - remaining).numpy() + self._mean
        return self._order, predicted

    def leave_one_out_error(self) -> float:
        """Return the standard deviation of the error at a label left out, in closed form."""
        residual = self._weights / self._inverse_diagonal
        return float(residual.square().mean().sqrt())

    def _explained(self, rows: list[Tensor]) -> Tensor:
        """Return E [M, N]: `E^T E` is what the labels take from the prior covariance of N rows."""
        known = self._kernel(self._inputs, rows)
        explained: Tensor = torch.linalg.solve_triangular(self._factor, known, upper=False)
        return explained

    def _kernel(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        products = [x @ y.T for x, y in zip(a, b, strict=True)]
        return _sum_of_kernels(self._kernels, a, b, products)


class _GroupKernel:
    """A linear and a squared exponential kernel on one group of F features.

    Args:
        log_scales: [F], logarithms of the length scales.
        log_linear: logarithm of the weight of the linear kernel.
        log_exponential: logarithm of the weight of the squared exponential one.
    """

    def __init__(self, log_scales: Tensor, log_linear: float, log_exponential: float) -> None:
        self.inverse_scales = (-log_scales).exp()
        self.linear = float(np.exp(log_linear)) / len(log_scales)
        self.exponential = float(np.exp(log_exponential))

    def falling(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the squared exponential kernel without its weight, [N, M]."""
        a, b = a * self.inverse_scales, b * self.inverse_scales
        half = torch.addmm((a.square().sum(1)[:, None] + b.square().sum(1)) / 2, a, b.T, alpha=-1)
        return half.clamp_min_(0).neg_().exp_()

    def variance(self, a: Tensor) -> Tensor:
        """Return the prior variance [N] at features [N, F]: the diagonal of the kernel."""
        variance: Tensor = self.linear * a.square().sum(dim=1) + self.exponential
        return variance


def _sum_of_kernels(
    kernels: Sequence[_GroupKernel], a: list[Tensor], b: list[Tensor], products: list[Tensor]
) -> Tensor:
    """Return the covariance [N, M] of two lists of groups with given inner products."""
    total = torch.zeros_like(products[0])
    for kernel, x, y, product in zip(kernels, a, b, products, strict=True):
        total.add_(product, alpha=kernel.linear)
        total.add_(kernel.falling(x, y), alpha=kernel.exponential)
    return total


class _Evidence:
    """How well hyperparameters explain labels.

    They are logarithms in one array: the noise, and of each group both weights and the scales.

    Args:
        inputs: float64 [M, F] each.
        target: float64 [M], mean 0.
    """

    def __init__(self, inputs: list[Tensor], target: Tensor) -> None:
        self._inputs, self._target = inputs, target
        self._products = [group @ group.T for group in inputs]
        self._squares = [group.square() for group in inputs]
        expected, deviation = [np.array([_NOISE])], [np.array([WEIGHT_DEVIATION])]
        for group in inputs:
            features = group.shape[1]
            expected += [np.array([_LINEAR, _EXPONENTIAL]), np.full(features, log(features) / 2)]
            deviation += [np.full(2, WEIGHT_DEVIATION), np.full(features, SCALE_DEVIATION)]
        self._expected, self._deviation = np.concatenate(expected), np.concatenate(deviation)

    def best(self) -> tuple[list[_GroupKernel], float]:
        """Return the kernels and the noise's variance that explain the labels best."""
        from scipy.optimize import minimize

        found = minimize(
            self._loss,
            self._expected,
            jac=True,
            method="L-BFGS-B",
            bounds=[
                (mean - 5 * deviation, mean + 5 * deviation)
                for mean, deviation in zip(self._expected, self._deviation, strict=True)
            ],
            options={"maxfun": EVALUATIONS},
        )
        return self._kernels(found.x), float(np.exp(found.x[0])) + JITTER

    def _kernels(self, logarithms: Float64Array) -> list[_GroupKernel]:
        kernels, at = [], 1
        for group in self._inputs:
            end = at + 2 + group.shape[1]
            scales = torch.from_numpy(logarithms[at + 2 : end])
            kernels.append(_GroupKernel(scales, logarithms[at], logarithms[at + 1]))
            at = end
        return kernels

    def _loss(self, logarithms: Float64Array) -> tuple[float, Float64Array]:
        """Return the negative logarithm of evidence times prior, and its gradient."""
        kernels = self._kernels(logarithms)
        noise = float(np.exp(logarithms[0]))
        falling = [k.falling(x, x) for k, x in zip(kernels, self._inputs, strict=True)]
        covariance = torch.zeros_like(self._products[0])
        for kernel, product, part in zip(kernels, self._products, falling, strict=True):
            covariance.add_(product, alpha=kernel.linear).add_(part, alpha=kernel.exponential)
        covariance.diagonal().add_(noise + JITTER)
        factor = torch.linalg.cholesky(covariance)
        inverse = torch.cholesky_inverse(factor)
        weights = inverse @ self._target
        value = float(self._target @ weights) / 2 + float(factor.diagonal().log().sum())
        # The gradient by the covariance K is (K^-1 - w w^T) / 2 for w = K^-1 y.
        by_covariance = torch.addr(inverse, weights, weights, alpha=-1).div_(2)
        gradient = [np.array([float(by_covariance.trace()) * noise])]
        for index, kernel in enumerate(kernels):
            gradient.append(self._kernel_gradient(index, kernel, falling[index], by_covariance))
        away = (logarithms - self._expected) / self._deviation
        return (
            value + float(away @ away) / 2,
            np.concatenate(gradient) + away / self._deviation,
        )

    def _kernel_gradient(
        self, index: int, kernel: _GroupKernel, falling: Tensor, by_covariance: Tensor
    ) -> Float64Array:
        """Return the gradient by the logarithms of a kernel: both weights, then the scales."""
        rows = self._inputs[index]
        linear = kernel.linear * float((by_covariance * self._products[index]).sum())
        weighted = (by_covariance * falling).mul_(kernel.exponential)
        # d k / d log s_f = k (x_f - y_f)^2 / s_f^2
        squared = 2 * (weighted.sum(dim=1) @ self._squares[index])
        crossed = 2 * (rows * (weighted @ rows)).sum(dim=0)
        scales = (squared - crossed) * kernel.inverse_scales.square()
        return np.concatenate([[linear, float(weighted.sum())], scales.numpy()])


def _chunks(groups: Sequence[Float64Array]) -> Iterator[list[Tensor]]:
    """Yield some rows of groups [N, F] at a time: the kernel of all could be huge."""
    for start in range(0, max(len(groups[0]), 1), CHUNK):
        yield [torch.from_numpy(group[start : start + CHUNK]) for group in groups]
