"""Exact Gaussian process regression on groups of features."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.app.threads import processors
from ctnas.comparator.covariance import Evidence, sum_of_kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from ctnas.architecture import Float32Array, Float64Array, Int64Array
    from ctnas.comparator.covariance import GroupKernel

EVIDENCE_ROWS = 400
"""Hyperparameters are learned on so many labels at the most; the cost is cubic."""
MOST_ROWS = 6_000
"""Of more labels, so many are used."""
CHUNK = 1_024
"""Rows that are predicted at once: what is computed of them should fit into a cache."""


class GaussianProcess:
    """For each group of features a linear kernel and a squared exponential one, plus noise.

    Length scales, weights and noise maximize the evidence under a prior on their logarithms. Rows
    are predicted on as many threads as there are processors; how many does not change the result.

    Args:
        groups: float64 [M, F] each, standardized; of different kinds.
        target: float64 [M].
        seed: of the choice of rows where there are too many.
    """

    _kernels: list[GroupKernel]
    noise: float
    _rows: Int64Array
    _inputs: list[Tensor]
    _factor: Tensor

    def __init__(self, groups: Sequence[Float64Array], target: Float64Array, seed: int = 0) -> None:
        order = np.random.default_rng(seed).permutation(len(target))
        self._rows, some = np.sort(order[:MOST_ROWS]), order[:EVIDENCE_ROWS]
        centered = torch.from_numpy(target[some] - target[self._rows].mean())
        self._kernels, self.noise = Evidence(_tensors(groups, some), centered).best()
        self._inputs = _tensors(groups, self._rows)
        self._factor = torch.linalg.cholesky(self._noisy(self._inputs))
        self._learn(target)

    def carried_on(self, groups: Sequence[Float64Array], target: Float64Array) -> GaussianProcess:
        """Return the process of further labels beside these; hyperparameters stay.

        Args:
            groups: float64 [M + K, F] each; the first M rows are those of this process.
            target: float64 [M + K]; the first M need not be the same.
        """
        further = np.arange(self._count, len(target))
        new = _tensors(groups, further)
        shared = self._explained(new)
        corner = torch.linalg.cholesky(self._noisy(new) - shared.T @ shared)
        both = object.__new__(GaussianProcess)
        both._kernels, both.noise = self._kernels, self.noise
        both._rows = np.concatenate([self._rows, further])
        both._inputs = [torch.cat(pair) for pair in zip(self._inputs, new, strict=True)]
        # [[L, 0], [S^T, C]] is the Cholesky factor of the larger covariance.
        above = torch.cat([self._factor, torch.zeros_like(shared)], dim=1)
        both._factor = torch.cat([above, torch.cat([shared.T, corner], dim=1)])
        both._learn(target)
        return both

    def predict(self, groups: Sequence[Float64Array] | Sequence[Float32Array]) -> Float64Array:
        """Return the posterior mean at groups [N, F] each, float64 [N].

        Args:
            groups: of float32 if a first look at many rows should not take long.
        """
        kind = torch.from_numpy(groups[0][:0]).dtype
        inputs, weights = [group.to(kind) for group in self._inputs], self._weights.to(kind)
        # What is linear needs no product of all rows with all labels.
        slopes = [
            kernel.linear * (group.T @ weights)
            for kernel, group in zip(self._kernels, inputs, strict=True)
        ]

        def mean(rows: list[Tensor]) -> Tensor:
            falling = torch.zeros(len(rows[0]), len(weights), dtype=kind)
            for kernel, row, known in zip(self._kernels, rows, inputs, strict=True):
                falling.add_(kernel.falling(row, known), alpha=kernel.exponential)
            linear = [row @ slope for row, slope in zip(rows, slopes, strict=True)]
            return torch.stack([falling @ weights, *linear]).sum(dim=0)

        return _in_chunks(groups, mean).double().numpy() + self._mean

    def posterior(self, groups: Sequence[Float64Array]) -> tuple[Float64Array, Float64Array]:
        """Return mean and standard deviation, without a label's noise, at N rows; float64 [N]."""

        def both(rows: list[Tensor]) -> Tensor:
            known = self._kernel(self._inputs, rows)
            explained = self._solved(known).square().sum(dim=0)
            prior = [
                kernel.variance(group) for kernel, group in zip(self._kernels, rows, strict=True)
            ]
            variance = torch.stack(prior).sum(dim=0) - explained
            return torch.stack([self._weights @ known, variance.clamp_min(0).sqrt()], dim=1)

        mean, deviation = _in_chunks(groups, both).numpy().T
        return mean + self._mean, deviation.copy()

    def deviation(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the posterior standard deviation, without a label's noise, float64 [N]."""
        return self.posterior(groups)[1]

    def covariance(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the posterior covariance at groups [N, F] each, without noise, float64 [N, N]."""
        rows = [torch.from_numpy(group) for group in groups]
        explained = self._explained(rows)
        result: Float64Array = (self._kernel(rows, rows) - explained.T @ explained).numpy()
        return result

    def prior_covariance(self, groups: Sequence[Float64Array]) -> Float64Array:
        """Return the covariance at groups [N, F] each before any label is known, [N, N]."""
        rows = [torch.from_numpy(group) for group in groups]
        covariance: Float64Array = self._kernel(rows, rows).numpy()
        return covariance

    def left_out(self) -> tuple[Int64Array, Float64Array]:
        """Return rows of labels, and what all other labels predict there, in closed form.

        Returns:
            int64 [L] and float64 [L]; L is the number of labels, or that of those used.
        """
        remaining = self._weights / torch.cholesky_inverse(self._factor).diagonal()
        predicted: Float64Array = (self._centered - remaining).numpy() + self._mean
        return self._rows, predicted

    def _learn(self, target: Float64Array) -> None:
        known = target[self._rows]
        self._count, self._mean = len(target), float(known.mean())
        self._centered = torch.from_numpy(known - self._mean)
        self._weights = torch.cholesky_solve(self._centered[:, None], self._factor)[:, 0]

    def _explained(self, rows: list[Tensor]) -> Tensor:
        """Return E [M, N]: `E^T E` is what the labels take from the prior covariance of N rows."""
        return self._solved(self._kernel(self._inputs, rows))

    def _solved(self, known: Tensor) -> Tensor:
        solved: Tensor = torch.linalg.solve_triangular(self._factor, known, upper=False)
        return solved

    def _noisy(self, rows: list[Tensor]) -> Tensor:
        """Return the covariance [N, N] of labels at N rows."""
        covariance = self._kernel(rows, rows)
        covariance.diagonal().add_(self.noise)
        return covariance

    def _kernel(self, a: list[Tensor], b: list[Tensor]) -> Tensor:
        products = [x @ y.T for x, y in zip(a, b, strict=True)]
        return sum_of_kernels(self._kernels, a, b, products)


def _tensors(groups: Sequence[Float64Array], rows: Int64Array) -> list[Tensor]:
    return [torch.from_numpy(group[rows]) for group in groups]


def _in_chunks(
    groups: Sequence[Float64Array] | Sequence[Float32Array], work: Callable[[list[Tensor]], Tensor]
) -> Tensor:
    """Return what is computed of some rows of groups [N, F] at a time, in their order."""
    starts = range(0, max(len(groups[0]), 1), CHUNK)
    rows = [
        [torch.from_numpy(group[start : start + CHUNK]) for group in groups] for start in starts
    ]
    if len(rows) == 1:
        return work(rows[0])
    with ThreadPoolExecutor(processors()) as beside:
        return torch.cat(list(beside.map(work, rows)))
