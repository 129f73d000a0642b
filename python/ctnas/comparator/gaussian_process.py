"""Exact Gaussian process regression on structural features."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import Float64Array

STEPS = 50
LEARNING_RATE = 0.1
PRIOR_DEVIATION = 0.3
"""Of the logarithm of a feature's length scale: few labels cannot tell many scales apart."""
EVIDENCE_ROWS = 500
"""Hyperparameters are learned on so many labels at the most; the cost is cubic."""
MOST_ROWS = 6_000
"""Of more labels, so many are used."""
JITTER = 1e-6
CHUNK = 8_192
"""Rows that are predicted at once."""


class GaussianProcess:
    """For each group of features a linear kernel and a squared exponential one, plus noise.

    Length scales, weights and noise maximize the evidence under a prior on the length scales.

    Args:
        groups: float64 [M, F] each, standardized; of different kinds.
        target: float64 [M].
        seed: of the choice of rows where there are too many.
    """

    def __init__(self, groups: list[Float64Array], target: Float64Array, seed: int = 0) -> None:
        order = np.random.default_rng(seed).permutation(len(target))[:MOST_ROWS]
        self._mean = float(target.mean())
        centered = torch.from_numpy(target[order] - self._mean)
        self._kernels = [_GroupKernel(group.shape[1]) for group in groups]
        self._log_noise = torch.tensor(-2.0, dtype=torch.float64)
        self._inputs = [torch.from_numpy(group[order]) for group in groups]
        self._learn([group[:EVIDENCE_ROWS] for group in self._inputs], centered[:EVIDENCE_ROWS])
        with torch.no_grad():
            products = [group @ group.T for group in self._inputs]
            self._factor = torch.linalg.cholesky(self._covariance(self._inputs, products))
            self._weights = torch.cholesky_solve(centered[:, None], self._factor)[:, 0]
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

    @property
    def noise(self) -> float:
        """Variance of a label's noise."""
        return float(self._log_noise.detach().exp()) + JITTER

    def leave_one_out_error(self) -> float:
        """Return the standard deviation of the error at a label left out, in closed form."""
        residual = self._weights / self._inverse_diagonal
        return float(residual.square().mean().sqrt())

    def _learn(self, inputs: list[Tensor], target: Tensor) -> None:
        parameters = [self._log_noise, *(p for kernel in self._kernels for p in kernel.parameters)]
        for parameter in parameters:
            parameter.requires_grad_()
        optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
        products = [group @ group.T for group in inputs]
        for _ in range(STEPS):
            optimizer.zero_grad()
            prior = torch.stack([kernel.negative_log_prior() for kernel in self._kernels]).sum()
            covariance = self._covariance(inputs, products)
            gradient = _evidence_gradient(covariance.detach(), target)
            torch.autograd.backward([prior, covariance], [torch.ones_like(prior), gradient])
            optimizer.step()

    def _covariance(self, inputs: list[Tensor], products: list[Tensor]) -> Tensor:
        """Return the covariance of labels [M, M], noise among it."""
        parts = [
            kernel(group, group, product)
            for kernel, group, product in zip(self._kernels, inputs, products, strict=True)
        ]
        noise = self._log_noise.exp() + JITTER
        return torch.stack(parts).sum(dim=0) + noise * torch.eye(len(parts[0]), dtype=torch.float64)

    def _explained(self, rows: list[Tensor]) -> Tensor:
        """Return E [M, N]: `E^T E` is what the labels take from the prior covariance of N rows."""
        known = self._kernel(self._inputs, rows)
        explained: Tensor = torch.linalg.solve_triangular(self._factor, known, upper=False)
        return explained

    @torch.no_grad()
    def _kernel(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        pairs = zip(self._kernels, a, b, strict=True)
        return torch.stack([kernel(x, y, x @ y.T) for kernel, x, y in pairs]).sum(dim=0)


def _chunks(groups: Sequence[Float64Array]) -> Iterator[list[Tensor]]:
    """Yield some rows of groups [N, F] at a time: the kernel of all could be huge."""
    for start in range(0, max(len(groups[0]), 1), CHUNK):
        yield [torch.from_numpy(group[start : start + CHUNK]) for group in groups]


def _evidence_gradient(covariance: Tensor, target: Tensor) -> Tensor:
    """Return the gradient of the negative log evidence by the covariance K, [M, M].

    With weights `w = K^-1 y` it is `(K^-1 - w w^T) / 2`, which takes one factorization; autograd
    would go back through that of the evidence itself.
    """
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(covariance))
    weights = inverse @ target
    return (inverse - torch.outer(weights, weights)) / 2


class _GroupKernel:
    """A linear and a squared exponential kernel on one group of features."""

    def __init__(self, features: int) -> None:
        self._center = log(sqrt(max(features, 1)))
        self._log_scales = torch.full((features,), self._center, dtype=torch.float64)
        # Logarithms of the weights of the linear and the squared exponential part.
        self._log_weights = torch.tensor([-2.0, 0.0], dtype=torch.float64)
        self.parameters = [self._log_scales, self._log_weights]

    def __call__(self, a: Tensor, b: Tensor, product: Tensor) -> Tensor:
        """Return the kernel [N, M] of features [N, F] and [M, F] with given inner products."""
        linear, exponential = self._log_weights.exp()
        a, b = a / self._log_scales.exp(), b / self._log_scales.exp()
        half_distance = (a.square().sum(1)[:, None] + b.square().sum(1)[None, :]) / 2 - a @ b.T
        return torch.addcmul(
            linear / max(a.shape[1], 1) * product,
            exponential,
            torch.exp(-half_distance.clamp_min(0)),
        )

    @torch.no_grad()
    def variance(self, a: Tensor) -> Tensor:
        """Return the prior variance [N] at features [N, F]: the diagonal of the kernel."""
        linear, exponential = self._log_weights.exp()
        variance: Tensor = linear / max(a.shape[1], 1) * a.square().sum(dim=1) + exponential
        return variance

    def negative_log_prior(self) -> Tensor:
        squared: Tensor = (self._log_scales - self._center).square().sum()
        return squared / (2 * PRIOR_DEVIATION**2)
