"""A Gaussian process whose labels come in one round after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.gaussian_process import GaussianProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnas.architecture import Float64Array

GROWTH = 1.15
"""Hyperparameters are learned again when there are so many times the labels."""


class GrowingProcess:
    """Learns hyperparameters now and then, and what each label tells in every round.

    They are learned from the first labels, of which there is a fixed number for any number of
    labels. The result depends on the labels and their order, not on the rounds before.

    Args:
        scaled: brings values [M] to the scale on which they are learned.
    """

    def __init__(self, scaled: Callable[[Float64Array], Float64Array]) -> None:
        self._scaled = scaled
        self._learned: tuple[list[Float64Array], GaussianProcess] | None = None

    def settled(self, groups: Sequence[Float64Array], values: Float64Array) -> GaussianProcess:
        """Return the process of the first labels, from which hyperparameters are learned.

        Args:
            groups: float64 [M, F] each, as in `GaussianProcess`.
            values: float64 [M].
        """
        count = settled_count(len(values))
        first = [*(group[:count] for group in groups), values[:count]]
        if self._learned is None or not _equal(self._learned[0], first):
            process = GaussianProcess(first[:-1], self._scaled(first[-1]))
            self._learned = [part.copy() for part in first], process
        return self._learned[1]

    def of(self, groups: Sequence[Float64Array], values: Float64Array) -> GaussianProcess:
        """Return the process of all labels, with the hyperparameters of the first ones."""
        return self.settled(groups, values).carried_on(groups, self._scaled(values))


def settled_count(count: int) -> int:
    """Return how many of so many labels hyperparameters are learned from: nearly all."""
    settled = 1
    while (following := max(settled + 1, int(settled * GROWTH))) <= count:
        settled = following
    return settled


def _equal(a: Sequence[Float64Array], b: Sequence[Float64Array]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
