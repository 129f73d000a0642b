"""Exact Gaussian process regression on structural features."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array

STEPS = 100
LEARNING_RATE = 0.05
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
            factor = torch.linalg.cholesky(self._noisy_kernel(self._inputs))
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
        optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)
        for _ in range(STEPS):
            optimizer.zero_grad()
            torch.autograd.backward(self._negative_evidence(inputs, target))
            optimizer.step()

    def _negative_evidence(self, inputs: list[Tensor], target: Tensor) -> Tensor:
        factor = torch.linalg.cholesky(self._noisy_kernel(inputs))
        weights = torch.cholesky_solve(target[:, None], factor)[:, 0]
        prior = torch.stack([kernel.negative_log_prior() for kernel in self._kernels]).sum()
        evidence: Tensor = target @ weights / 2 + factor.diagonal().log().sum() + prior
        return evidence

    def _noisy_kernel(self, inputs: list[Tensor]) -> Tensor:
        noise = self._log_noise.exp() + JITTER
        return self._kernel(inputs, inputs) + noise * torch.eye(len(inputs[0]), dtype=torch.float64)

    def _kernel(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        parts = [kernel(x, y) for kernel, x, y in zip(self._kernels, a, b, strict=True)]
        return torch.stack(parts).sum(dim=0)


class _GroupKernel:
    """A linear and a squared exponential kernel on one group of features."""

    def __init__(self, features: int) -> None:
        self._center = log(sqrt(max(features, 1)))
        self._log_scales = torch.full((features,), self._center, dtype=torch.float64)
        # Logarithms of the weights of the linear and the squared exponential part.
        self._log_weights = torch.tensor([-2.0, 0.0], dtype=torch.float64)
        self.parameters = [self._log_scales, self._log_weights]

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        linear, exponential = self._log_weights.exp()
        product = linear / max(a.shape[1], 1) * (a @ b.T)
        a, b = a / self._log_scales.exp(), b / self._log_scales.exp()
        distance = a.square().sum(1)[:, None] + b.square().sum(1)[None, :] - 2 * a @ b.T
        kernel: Tensor = product + exponential * torch.exp(-distance.clamp_min(0) / 2)
        return kernel

    def negative_log_prior(self) -> Tensor:
        squared: Tensor = (self._log_scales - self._center).square().sum()
        return squared / (2 * PRIOR_DEVIATION**2)
