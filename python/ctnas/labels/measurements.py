"""Architectures that were measured once or several times: mean, number and spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.checked import vector
from ctnas.errors import LabelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch, Float64Array, Int64Array, Selection

MINIMUM_LABELS = 10
"""Fewer labels than this are refused by everything that learns from them."""
MEASUREMENTS, SPREAD = "measurements", "spread"
"""Noted beside a label that is the mean of several measurements: their number and spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """What was measured of N architectures.

    Attributes:
        mean: float64 [N].
        count: int64 [N], number of measurements.
        spread: float64 [N], their sample standard deviation; NaN for one, or where not known.
    """

    mean: Float64Array
    count: Int64Array
    spread: Float64Array

    @classmethod
    def of(
        cls,
        architectures: ArchitectureBatch,
        values: object,
        counts: object,
        spreads: object,
        metric: str,
    ) -> Measurements:
        """Check and convert what a user has.

        Raises:
            LabelError: if something is not [N] numbers, or a count or spread is impossible.
        """
        size = len(architectures)
        mean = _sized("labels", values, size)
        count = np.ones(size) if counts is None else _sized("counts", counts, size)
        spread = np.full(size, np.nan) if spreads is None else _sized("spreads", spreads, size)
        wrong = np.flatnonzero(~((count >= 1) & (count == np.floor(count)) & np.isfinite(count)))
        if len(wrong):
            raise LabelError(
                f"row {wrong[0]}: the number of measurements of {metric} is {count[wrong[0]]:g}, "
                "not a whole number of at least 1"
            )
        wrong = np.flatnonzero((spread < 0) | np.isinf(spread))
        if len(wrong):
            raise LabelError(
                f"row {wrong[0]}: the spread of {metric} is {spread[wrong[0]]:g}, not a finite "
                "number of at least 0"
            )
        return cls(mean, count.astype(np.int64), np.where(count > 1, spread, np.nan))

    def __len__(self) -> int:
        return len(self.mean)

    def __getitem__(self, selection: Selection) -> Measurements:
        return Measurements(self.mean[selection], self.count[selection], self.spread[selection])

    @staticmethod
    def concatenate(parts: Sequence[Measurements]) -> Measurements:
        """Join measurements, in order."""
        return Measurements(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.count for part in parts]),
            np.concatenate([part.spread for part in parts]),
        )

    def merged(self, architectures: ArchitectureBatch) -> tuple[ArchitectureBatch, Measurements]:
        """Return each architecture once, at its first place, with all its measurements.

        Sums of squares about the common mean add up: those within each row, and those between the
        rows. Where the spread of a row of several measurements is not known, that of the
        architecture is not either.
        """
        first, group = _groups(architectures)
        size, count = len(first), self.count.astype(np.float64)
        total = np.bincount(group, weights=count, minlength=size)
        # Shifted by the first value, so that equal measurements have exactly that mean.
        shift = self.mean[first]
        excess = np.bincount(group, weights=count * (self.mean - shift[group]), minlength=size)
        mean = shift + excess / total
        within = np.where(count > 1, (count - 1) * self.spread**2, 0.0)
        between = count * (self.mean - mean[group]) ** 2
        squares = np.bincount(group, weights=within + between, minlength=size)
        spread = np.full(size, np.nan)
        several = total > 1
        spread[several] = np.sqrt(squares[several] / (total[several] - 1))
        return architectures[first], Measurements(mean, total.astype(np.int64), spread)


def repeated_rows(batch: ArchitectureBatch) -> tuple[int, int] | None:
    """Return the first row that repeats an earlier one, after that earlier one, or None."""
    first, group = _groups(batch)
    earliest = first[group]
    again = np.flatnonzero(earliest != np.arange(len(batch)))
    return (int(earliest[again[0]]), int(again[0])) if len(again) else None


def _groups(batch: ArchitectureBatch) -> tuple[Int64Array, Int64Array]:
    """Return the first row of each architecture, ascending, and to which of them a row belongs."""
    _, first, inverse = np.unique(batch.decisions, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order].astype(np.int64), place[inverse.reshape(-1)].astype(np.int64)


def _sized(name: str, values: object, size: int) -> Float64Array:
    array = vector(name, values, error=LabelError)
    if len(array) != size:
        raise LabelError(f"{size} architectures need as many {name}, not {len(array)}")
    return array
