"""Covariances of labels by groups of features, and the evidence for their hyperparameters."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ctnas.architecture import Float64Array

EVALUATIONS = 40
"""Of evidence and gradient at the most."""
SCALE_DEVIATION = 0.3
"""Of the logarithm of a feature's length scale: few labels cannot tell many scales apart."""
WEIGHT_DEVIATION = 2.0
"""Of the logarithms of a kernel's weight and of the noise."""
JITTER = 1e-6
_LINEAR, _EXPONENTIAL, _NOISE = -2.0, 0.0, -2.0
"""Logarithms of weights and noise that are expected before anything is known."""


class GroupKernel:
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
        scales = self.inverse_scales.to(a.dtype)
        a, b = a * scales, b * scales
        half = torch.addmm((a.square().sum(1)[:, None] + b.square().sum(1)) / 2, a, b.T, alpha=-1)
        return half.clamp_min_(0).neg_().exp_()

    def variance(self, a: Tensor) -> Tensor:
        """Return the prior variance [N] at features [N, F]: the diagonal of the kernel."""
        variance: Tensor = self.linear * a.square().sum(dim=1) + self.exponential
        return variance


def sum_of_kernels(
    kernels: Sequence[GroupKernel], a: list[Tensor], b: list[Tensor], products: list[Tensor]
) -> Tensor:
    """Return the covariance [N, M] of two lists of groups with given inner products."""
    total = torch.zeros_like(products[0])
    for kernel, x, y, product in zip(kernels, a, b, products, strict=True):
        total.add_(product, alpha=kernel.linear)
        total.add_(kernel.falling(x, y), alpha=kernel.exponential)
    return total


class Evidence:
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

    def best(self) -> tuple[list[GroupKernel], float]:
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

    def _kernels(self, logarithms: Float64Array) -> list[GroupKernel]:
        kernels, at = [], 1
        for group in self._inputs:
            end = at + 2 + group.shape[1]
            scales = torch.from_numpy(logarithms[at + 2 : end])
            kernels.append(GroupKernel(scales, logarithms[at], logarithms[at + 1]))
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
        self, index: int, kernel: GroupKernel, falling: Tensor, by_covariance: Tensor
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
