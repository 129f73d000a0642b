"""Measured architectures in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from ctnas.architecture import ArchitectureBatch, chosen_rows
from ctnas.checked import check_type, checked_path, number, one_of, seeded, whole
from ctnas.errors import LabelError
from ctnas.labels.information import check_information, warn_of_direction
from ctnas.labels.measurements import MINIMUM_LABELS, Measurements, repeated_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ctnas.architecture import Float64Array, Int64Array, Selection
    from ctnas.labels.blocks import InvalidRow
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True, eq=False, init=False)
class LabelSet:
    """Distinct architectures of one space, each with what was measured of it.

    An architecture that comes more than once was measured again: it is kept once, at its first
    place, with the mean of its measurements, their number and their spread.

    Args:
        space: the search space.
        architectures: N architectures of that space.
        values: [N] numbers of any type, finite, in the user's own unit and direction.
        metric: name of what was measured.
        minimize: whether lower is better.
        counts: [N] number of measurements behind each value; 1 if not given.
        spreads: [N] sample standard deviation of these measurements, NaN where it is not known.
        repeated: "mean" takes repeated architectures, "error" refuses them.

    Attributes:
        space: the search space.
        architectures: M different architectures of that space.
        measured: float64 [M], means of the measurements, in the user's unit and direction.
        metric: name of what was measured.
        minimize: whether lower is better.
        counts: int64 [M], number of measurements.
        spreads: float64 [M], sample standard deviation of the measurements of an architecture,
            NaN where there is one measurement, or it is not known.
        values: float64 [M], `measured` turned so that higher is better. All that learns takes it.

    Raises:
        ArchitectureError: if an architecture is not in the space.
        LabelError: if the lengths differ, a value is not finite, or an architecture repeats that
            may not.

    Warns:
        LabelWarning: if the metric's name says that lower is better, and `minimize` does not.

    Example:
        >>> space = get_space("nasbench201")
        >>> labels = LabelSet.read("labels.csv", space, metric="cifar10_valid_accuracy")
        >>> train, held_out = labels.split(0.8, seed=0)
    """

    space: SearchSpace
    architectures: ArchitectureBatch
    measured: Float64Array
    metric: str
    minimize: bool
    counts: Int64Array
    spreads: Float64Array
    values: Float64Array = field(repr=False)

    def __init__(
        self,
        space: SearchSpace,
        architectures: ArchitectureBatch,
        values: object,
        metric: str = "validation_accuracy",
        *,
        minimize: bool = False,
        counts: object = None,
        spreads: object = None,
        repeated: Literal["mean", "error"] = "mean",
    ) -> None:
        _check_types(space, architectures, metric, minimize)
        space.check(architectures)
        measurements = Measurements.of(architectures, values, counts, spreads, metric)
        _check_finite(space, architectures, measurements.mean, metric)
        pair = repeated_rows(architectures)
        if pair is not None and one_of("repeated", repeated, ("mean", "error")) == "error":
            text = space.format(architectures[[pair[0]]])[0]
            raise LabelError(f"rows {pair[0]} and {pair[1]} are the same architecture {text!r}")
        if pair is not None:
            architectures, measurements = measurements.merged(architectures)
        warn_of_direction(metric, minimize=minimize)
        self._fill(space, architectures, measurements, metric, minimize)

    def _fill(
        self,
        space: SearchSpace,
        architectures: ArchitectureBatch,
        measurements: Measurements,
        metric: str,
        minimize: bool,
    ) -> None:
        values = {
            "space": space,
            "architectures": architectures,
            "measured": measurements.mean,
            "metric": metric,
            "minimize": minimize,
            "counts": measurements.count,
            "spreads": measurements.spread,
            # Zero stays zero, without a sign that would change hashes.
            "values": 0.0 - measurements.mean if minimize else measurements.mean,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def measurements(self) -> Measurements:
        """Mean, number and spread together."""
        return Measurements(self.measured, self.counts, self.spreads)

    def _with(self, architectures: ArchitectureBatch, measurements: Measurements) -> LabelSet:
        """Return labels of the same kind, whose parts were checked before."""
        labels = object.__new__(LabelSet)
        labels._fill(self.space, architectures, measurements, self.metric, self.minimize)
        return labels

    def __len__(self) -> int:
        return len(self.measured)

    def __getitem__(self, selection: Selection) -> LabelSet:
        """Return the chosen rows, always as a label set."""
        rows = chosen_rows(np.arange(len(self)), selection)
        pair = repeated_rows(self.architectures[rows])
        if pair is not None:
            raise LabelError(f"row {rows[pair[0]]} of the labels is chosen twice")
        return self._with(self.architectures[rows], self.measurements[rows])

    def require(self, minimum: int = MINIMUM_LABELS) -> None:
        """Raise LabelError unless there are at least `minimum` labels that say something.

        Warns:
            LabelWarning: if more than nine in ten are equal.
        """
        minimum = whole("minimum", minimum, 0)
        if len(self) < minimum:
            raise LabelError(f"at least {minimum} labels are needed, not {len(self)}")
        check_information(self.measured, self.metric)

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
        first = round(len(self) * number("fraction", fraction, error=LabelError))
        if not 0 < first < len(self):
            raise LabelError(
                f"{len(self)} labels cannot be split at fraction {fraction}: a part would be empty"
            )
        order = np.random.default_rng(seeded(seed)).permutation(len(self))
        return self[np.sort(order[:first])], self[np.sort(order[first:])]

    def joined(self, other: LabelSet) -> LabelSet:
        """Return these labels followed by those of `other`, of the same metric.

        An architecture that is in both keeps its first place, and all its measurements count.

        Raises:
            LabelError: if metrics or directions differ.
        """
        check_type("other", other, LabelSet)
        if other.metric != self.metric:
            raise LabelError(f"labels of {self.metric!r} and {other.metric!r} cannot be joined")
        if other.minimize != self.minimize:
            raise LabelError(f"labels of which one minimizes {self.metric!r} cannot be joined")
        architectures = ArchitectureBatch.concatenate([self.architectures, other.architectures])
        measurements = Measurements.concatenate([self.measurements, other.measurements])
        if repeated_rows(architectures) is not None:
            architectures, measurements = measurements.merged(architectures)
        return self._with(architectures, measurements)

    def best(self, count: int = 1) -> LabelSet:
        """Return the `count` best labels, best first, ties in the order of this set."""
        count = whole("count", count, 0)
        return self[np.argsort(-self.values, kind="stable")[:count]]

    @staticmethod
    def read(
        path: str | Path,
        space: SearchSpace,
        metric: str | None = None,
        minimum: int = MINIMUM_LABELS,
        *,
        minimize: bool = False,
        repeated: Literal["mean", "error"] = "mean",
        on_invalid: Callable[[InvalidRow], None] | None = None,
    ) -> LabelSet:
        """Read a table, or a published file of NAS-Bench-101; the format is found.

        - `.csv`, `.parquet` or `.jsonl`: a column `architecture` and one column for each metric.
        - The official `nasbench_only108.tfrecord`: the metrics are `validation_accuracy`,
          `test_accuracy` and `train_accuracy` at the end of 108 epochs, each the mean of all runs,
          or of one run, such as `test_accuracy_run0`. Both checksums of each record are checked.
        - `.json`: a list of objects as the lines of `.jsonl`; or of complete official records, with
          the same metrics, or of objects `matrix, ops, hash_` with a number for each metric.
        - `.npz`: arrays `hash`, `adjacency`, `operations`, `num_vertices` and one for each metric.

        Args:
            path: the file.
            space: the space whose text form the architectures are written in.
            metric: which of the measurements to take; may be left out where there is only one.
            minimum: how many labels there must be at least.
            minimize: whether lower is better.
            repeated: "mean" takes architectures that come again as further measurements, "error"
                refuses them.
            on_invalid: gets every row of a table that is unusable, and the row is left out;
                without it the first such row is an error.

        Raises:
            InputFileError: if the file is missing or unreadable.
            LabelError: naming file and row, if the table cannot be used.
        """
        from ctnas.labels.label_tables import LabelChoice, read_labels

        choice = LabelChoice(metric, minimum, minimize, repeated, on_invalid)
        return read_labels(path, space, choice, LabelSet)

    def write(self, path: str | Path) -> None:
        """Write a `.csv` or `.parquet` table of architectures and mean measurements; atomic.

        `read` returns them unchanged, each as one measurement.

        Raises:
            LabelError: if the name ends otherwise.
            OutputError: if the file cannot be written.
        """
        from ctnas.labels.tables import write_table

        texts = self.space.format(self.architectures)
        write_table(checked_path("path", path), {"architecture": texts, self.metric: self.measured})


def _check_types(space: object, architectures: object, metric: object, minimize: object) -> None:
    from ctnas.spaces.space import SearchSpace

    check_type("space", space, SearchSpace, 'such as ctnas.get_space("nasbench201")')
    check_type("architectures", architectures, ArchitectureBatch, "space.parse makes one of texts")
    check_type("metric", metric, str)
    check_type("minimize", minimize, bool)


def _check_finite(
    space: SearchSpace, architectures: ArchitectureBatch, values: Float64Array, metric: str
) -> None:
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        row = int(wrong[0])
        text = space.format(architectures[[row]])[0]
        raise LabelError(f"row {row}: {metric} of {text!r} is {values[row]}, not a finite number")
