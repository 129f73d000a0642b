"""Exact Gaussian process regression on structural features."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
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
            factor = torch.linalg.cholesky(self._covariance(self._inputs, products))
            self._weights = torch.cholesky_solve(centered[:, None], factor)[:, 0]
            self._inverse_diagonal = torch.cholesky_inverse(factor).diagonal()

    def predict(self, groups: list[Float64Array]) -> Float64Array:
        """Return the posterior mean at float64 [N, F] each, [N]."""
        with torch.no_grad():
            inputs = [torch.from_numpy(group) for group in groups]
            mean = self._kernel(inputs, self._inputs) @ self._weights
        result: Float64Array = mean.numpy() + self._mean
        return result

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

    def _kernel(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        pairs = zip(self._kernels, a, b, strict=True)
        return torch.stack([kernel(x, y, x @ y.T) for kernel, x, y in pairs]).sum(dim=0)


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

    def negative_log_prior(self) -> Tensor:
        squared: Tensor = (self._log_scales - self._center).square().sum()
        return squared / (2 * PRIOR_DEVIATION**2)
