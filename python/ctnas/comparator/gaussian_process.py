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
    """A kernel that is the sum of a linear one and a squared exponential one, plus noise.

    Length scales, weights and noise maximize the evidence under a prior on the length scales.

    Args:
        features: float64 [M, F], standardized.
        target: float64 [M].
        seed: of the choice of rows where there are too many.
    """

    def __init__(self, features: Float64Array, target: Float64Array, seed: int = 0) -> None:
        order = np.random.default_rng(seed).permutation(len(target))[:MOST_ROWS]
        self._mean = float(target.mean())
        inputs = torch.from_numpy(features[order])
        centered = torch.from_numpy(target[order] - self._mean)
        self._prior = log(sqrt(max(features.shape[1], 1)))
        self._scales = torch.full((features.shape[1],), self._prior, dtype=torch.float64)
        # Logarithms of: noise, weight of the linear part, weight of the squared exponential part.
        self._variances = torch.tensor([-2.0, -2.0, 0.0], dtype=torch.float64)
        self._learn(inputs[:EVIDENCE_ROWS], centered[:EVIDENCE_ROWS])
        with torch.no_grad():
            self._inputs = inputs
            factor = torch.linalg.cholesky(self._noisy_kernel(inputs))
            self._weights = torch.cholesky_solve(centered[:, None], factor)[:, 0]
            self._inverse_diagonal = torch.cholesky_inverse(factor).diagonal()

    def predict(self, features: Float64Array) -> Float64Array:
        """Return the posterior mean at float64 [N, F], [N]."""
        with torch.no_grad():
            mean = self._kernel(torch.from_numpy(features), self._inputs) @ self._weights
        result: Float64Array = mean.numpy() + self._mean
        return result

    def leave_one_out_error(self) -> float:
        """Return the standard deviation of the error at a label left out, in closed form."""
        residual = self._weights / self._inverse_diagonal
        return float(residual.square().mean().sqrt())

    def _learn(self, inputs: Tensor, target: Tensor) -> None:
        parameters = [self._scales.requires_grad_(), self._variances.requires_grad_()]
        optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)
        for _ in range(STEPS):
            optimizer.zero_grad()
            torch.autograd.backward(self._negative_evidence(inputs, target))
            optimizer.step()

    def _negative_evidence(self, inputs: Tensor, target: Tensor) -> Tensor:
        factor = torch.linalg.cholesky(self._noisy_kernel(inputs))
        weights = torch.cholesky_solve(target[:, None], factor)[:, 0]
        prior = (self._scales - self._prior).square().sum() / (2 * PRIOR_DEVIATION**2)
        evidence: Tensor = target @ weights / 2 + factor.diagonal().log().sum() + prior
        return evidence

    def _noisy_kernel(self, inputs: Tensor) -> Tensor:
        noise = self._variances[0].exp() + JITTER
        return self._kernel(inputs, inputs) + noise * torch.eye(len(inputs), dtype=torch.float64)

    def _kernel(self, a: Tensor, b: Tensor) -> Tensor:
        linear = self._variances[1].exp() / max(a.shape[1], 1) * (a @ b.T)
        a, b = a / self._scales.exp(), b / self._scales.exp()
        distance = a.square().sum(1)[:, None] + b.square().sum(1)[None, :] - 2 * a @ b.T
        return linear + self._variances[2].exp() * torch.exp(-distance.clamp_min(0) / 2)
