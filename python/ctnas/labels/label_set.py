"""Measured architectures in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import LabelError

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import Float64Array, Selection
    from ctnas.spaces import SearchSpace

MINIMUM_LABELS = 10
"""Fewer labels than this are refused by everything that learns from them."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelSet:
    """Distinct architectures of one space, each with one measured value; higher is better.

    Attributes:
        space: the search space.
        architectures: N different architectures of that space.
        values: float64 [N], finite. Whatever converts to that without loss is taken.
        metric: name of what was measured, in the unit in which it was measured.

    Raises:
        ArchitectureError: if an architecture is not in the space.
        LabelError: if the lengths differ, a value is not finite or an architecture repeats.

    Example:
        >>> space = get_space("nasbench201")
        >>> labels = LabelSet.read("labels.csv", space, metric="cifar10_valid_accuracy")
        >>> train, held_out = labels.split(0.8, seed=0)
    """

    space: SearchSpace
    architectures: ArchitectureBatch
    values: Float64Array
    metric: str = "validation_accuracy"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _as_values(self.values))
        self.space.check(self.architectures)
        if len(self.values) != len(self.architectures):
            raise LabelError(
                f"{len(self.architectures)} architectures need as many labels, "
                f"not {len(self.values)}"
            )
        self._check_finite()
        self._check_distinct()

    def _check_finite(self) -> None:
        wrong = np.flatnonzero(~np.isfinite(self.values))
        if len(wrong):
            row = int(wrong[0])
            text = self.space.format(self.architectures[[row]])[0]
            raise LabelError(
                f"row {row}: {self.metric} of {text!r} is {self.values[row]}, not a finite number"
            )

    def _check_distinct(self) -> None:
        pair = repeated_rows(self.architectures)
        if pair is not None:
            text = self.space.format(self.architectures[[pair[0]]])[0]
            raise LabelError(f"rows {pair[0]} and {pair[1]} are the same architecture {text!r}")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, selection: Selection) -> LabelSet:
        """Return the chosen rows, always as a label set."""
        rows = np.arange(len(self))[selection]
        return LabelSet(self.space, self.architectures[rows], self.values[rows], self.metric)

    def require(self, minimum: int = MINIMUM_LABELS) -> None:
        """Raise LabelError unless there are at least `minimum` labels."""
        if len(self) < minimum:
            raise LabelError(f"at least {minimum} labels are needed, not {len(self)}")

    def split(self, fraction: float, seed: int | np.random.Generator) -> tuple[LabelSet, LabelSet]:
        """Divide at random into labels to learn from and labels to judge by.

        Args:
            fraction: share of the first part, rounded to whole labels; neither part is empty.
            seed: an integer, or a generator that is advanced.

        Returns:
            Two disjoint label sets, each in the order of this one.

        Raises:
            LabelError: if a part would be empty.
        """
        first = round(len(self) * fraction) if np.isfinite(fraction) else 0
        if not 0 < first < len(self):
            raise LabelError(
                f"{len(self)} labels cannot be split at fraction {fraction}: a part would be empty"
            )
        order = np.random.default_rng(seed).permutation(len(self))
        return self[np.sort(order[:first])], self[np.sort(order[first:])]

    def joined(self, other: LabelSet) -> LabelSet:
        """Return these labels followed by those of `other`, of the same metric.

        Raises:
            LabelError: if the metrics differ or an architecture is in both.
        """
        if other.metric != self.metric:
            raise LabelError(f"labels of {self.metric!r} and {other.metric!r} cannot be joined")
        architectures = ArchitectureBatch.concatenate([self.architectures, other.architectures])
        values = np.concatenate([self.values, other.values])
        return LabelSet(self.space, architectures, values, self.metric)

    def best(self, count: int = 1) -> LabelSet:
        """Return the `count` highest labels, best first, ties in the order of this set."""
        return self[np.argsort(-self.values, kind="stable")[:count]]

    @staticmethod
    def read(
        path: str | Path,
        space: SearchSpace,
        metric: str | None = None,
        minimum: int = MINIMUM_LABELS,
    ) -> LabelSet:
        """Read a table, or a published file of NAS-Bench-101; the format is found.

        - `.csv`, `.parquet` or `.jsonl`: a column `architecture` and one column for each metric.
        - The official `nasbench_only108.tfrecord`: the metrics are `validation_accuracy`,
          `test_accuracy` and `train_accuracy` at the end of 108 epochs, each the mean of all runs,
          or of one run, such as `test_accuracy_run0`. Both checksums of each record are checked.
        - `.json`: a list of complete official records, with the same metrics, or of objects
          `matrix, ops, hash_` with a number for each metric.
        - `.npz`: arrays `hash`, `adjacency`, `operations`, `num_vertices` and one for each metric.

        Args:
            path: the file.
            space: the space whose text form the architectures are written in.
            metric: which of the measurements to take; may be left out where there is only one.
            minimum: how many labels there must be at least.

        Raises:
            InputFileError: if the file is missing or unreadable.
            LabelError: naming file and row, if the table cannot be used.
        """
        from ctnas.labels.reading import read_labels

        return read_labels(path, space, metric, minimum)

    def write(self, path: str | Path) -> None:
        """Write a `.csv` or `.parquet` table that `read` returns unchanged; atomic.

        Raises:
            LabelError: if the name ends otherwise.
            OutputError: if the file cannot be written.
        """
        from ctnas.labels.tables import write_table

        texts = self.space.format(self.architectures)
        write_table(path, {"architecture": texts, self.metric: self.values})


def repeated_rows(batch: ArchitectureBatch) -> tuple[int, int] | None:
    """Return the first row that repeats an earlier one, after that earlier one, or None."""
    _, first, inverse = np.unique(batch.decisions, axis=0, return_index=True, return_inverse=True)
    earliest = first[inverse.reshape(-1)]
    again = np.flatnonzero(earliest != np.arange(len(batch)))
    return (int(earliest[again[0]]), int(again[0])) if len(again) else None


def _as_values(values: object) -> Float64Array:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise LabelError(f"labels must be numbers: {error}") from None
    if array.ndim != 1:
        raise LabelError(f"labels must be float64 [N], not of shape {list(array.shape)}")
    return array
