"""Measured NAS-Bench-101 cells: what all of the published files come down to."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch, GraphBatch, without_dead_nodes
from ctnas.benchmarks.tables.nasbench101_text import CELL_BYTES, DIGEST_BYTES, MATRIX_BYTES
from ctnas.errors import ArchitectureError, LabelError
from ctnas.spaces.nasbench101.matrix import MAX_VERTICES

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import Float64Array, Int64Array, UInt8Array
    from ctnas.spaces.nasbench101.space import NasBench101Space

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredCells:
    """Measurements of cells, in the order of a file.

    Attributes:
        path: the file.
        unit: what its places count, such as `"byte"`.
        places: int64 [N], where in the file each measurement stands.
        digests: uint8 [N, 16], the hash that the file gives to the cell.
        cells: uint8 [N, 56], see `cell_bytes`.
        values: float64 [N], finite.
    """

    path: Path
    unit: str
    places: Int64Array
    digests: UInt8Array
    cells: UInt8Array
    values: Float64Array

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: Int64Array) -> MeasuredCells:
        """Return some of the measurements."""
        return MeasuredCells(
            self.path,
            self.unit,
            self.places[rows],
            self.digests[rows],
            self.cells[rows],
            self.values[rows],
        )

    def place(self, row: int) -> str:
        """Return where a measurement stands, for messages."""
        return f"{self.path}, {self.unit} {self.places[row]}"

    def of_run(self, run: int | None) -> MeasuredCells:
        """Return one measurement of each cell, in the order in which the cells appear first.

        Args:
            run: which measurement of a cell to take, in the order of the file, or None for the mean
                of all of them.

        Raises:
            LabelError: if a cell has no such run, has another number of runs than others, or is
                another one in one of its runs.
        """
        order, begins = _grouped(self.digests)
        counts = np.diff(begins, append=len(order))
        self._check_same_cell(order, np.repeat(begins, counts))
        by_appearance = np.argsort(order[begins])
        first = order[begins][by_appearance]
        if run is None:
            self._check_counts(first, counts[by_appearance])
            values = self.values[order].reshape(len(first), -1).mean(axis=1)
        else:
            self._check_run(first, counts[by_appearance], run)
            values = self.values[order[begins + run]]
        return replace(self[first], values=values[by_appearance])

    def only(self) -> MeasuredCells:
        """Return the measurements, after checking that there is one of each cell.

        Raises:
            LabelError: if a cell appears more than once.
        """
        order, begins = _grouped(self.digests)
        if len(begins) < len(self):
            again = int(np.setdiff1d(np.arange(len(self)), begins)[0])
            raise LabelError(
                f"{self.path}: {self.unit}s {self.places[order[again - 1]]} and "
                f"{self.places[order[again]]} are the same cell {self.hex(order[again])}"
            )
        return self

    def _check_same_cell(self, order: Int64Array, begins: Int64Array) -> None:
        differs = (self.cells[order] != self.cells[order[begins]]).any(axis=1)
        if differs.any():
            at = int(np.flatnonzero(differs)[0])
            one, other = int(order[begins[at]]), int(order[at])
            raise LabelError(
                f"{self.place(other)}: this is another cell than at {self.unit} "
                f"{self.places[one]}, with the same hash {self.hex(one)}"
            )

    def _check_counts(self, first: Int64Array, counts: Int64Array) -> None:
        most = int(counts.max())
        if counts.min() < most:
            at = int(np.argmax(counts < most))
            raise LabelError(
                f"{self.place(int(first[at]))}: cell {self.hex(int(first[at]))} has {counts[at]} "
                f"of {most} runs, so that a mean would not compare; name a run, such as "
                "test_accuracy_run0"
            )

    def _check_run(self, first: Int64Array, counts: Int64Array, run: int) -> None:
        if counts.min() <= run:
            at = int(np.argmax(counts <= run))
            raise LabelError(
                f"{self.place(int(first[at]))}: cell {self.hex(int(first[at]))} has no run {run}, "
                f"but {counts[at]}, counted from 0"
            )

    def hex(self, row: int) -> str:
        """Return the hash that the file gives to a cell, in hex."""
        return str(self.digests[row].tobytes().hex())

    def architectures(self, space: NasBench101Space) -> ArchitectureBatch:
        """Return the cells as architectures; dead vertices are removed.

        Raises:
            LabelError: naming the place, if one is no cell, or has another hash than the file says.
        """
        starts = range(0, len(self), _CHUNK)
        chunks = [self[np.arange(start, min(start + _CHUNK, len(self)))] for start in starts]
        return ArchitectureBatch.concatenate([_encoded(chunk, space) for chunk in chunks])


class CellCollector:
    """Gathers measurements one by one, in 88 bytes each."""

    def __init__(self, path: Path, unit: str) -> None:
        self._path = path
        self._unit = unit
        self._places = array("q")
        self._digests = bytearray()
        self._cells = bytearray()
        self._values = array("d")

    def add(self, place: int, digest: bytes, cell: bytes, value: float) -> None:
        """Add a measurement.

        Raises:
            LabelError: if its value is not finite.
        """
        if not isfinite(value):
            raise LabelError(f"the label is {value}, not a finite number")
        self._places.append(place)
        self._digests += digest
        self._cells += cell
        self._values.append(value)

    def collected(self) -> MeasuredCells:
        """Return what was added.

        Raises:
            LabelError: if nothing was.
        """
        if not self._places:
            raise LabelError(f"{self._path} has no labels")
        return MeasuredCells(
            self._path,
            self._unit,
            np.frombuffer(self._places, dtype=np.int64),
            np.frombuffer(self._digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES),
            np.frombuffer(self._cells, dtype=np.uint8).reshape(-1, CELL_BYTES),
            np.frombuffer(self._values, dtype=np.float64),
        )


def _grouped(digests: UInt8Array) -> tuple[Int64Array, Int64Array]:
    """Bring equal hashes together; among equal ones the order stays.

    Returns:
        int64 [N], places in `digests` group by group, and int64 [G], where in it each group begins.
    """
    # Two integers a hash sort much faster than sixteen bytes; which comes first means nothing.
    keys = np.ascontiguousarray(digests).view(np.uint64)
    order = np.lexsort((keys[:, 0], keys[:, 1]))
    ordered = keys[order]
    is_new = np.ones(len(ordered), dtype=np.bool_)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return order, np.flatnonzero(is_new)


def _encoded(cells: MeasuredCells, space: NasBench101Space) -> ArchitectureBatch:
    """Return a piece as architectures."""
    matrices = cells.cells[:, :MATRIX_BYTES].reshape(-1, MAX_VERTICES, MAX_VERTICES)
    operations = cells.cells[:, MATRIX_BYTES:].astype(np.int64)
    graphs = without_dead_nodes(GraphBatch(np.ascontiguousarray(matrices), operations))
    try:
        batch = space.from_graphs(graphs)
    except ArchitectureError as error:
        at, reason = str(error).removeprefix("row ").split(": ", maxsplit=1)
        raise LabelError(f"{cells.place(int(at))}: {reason}") from None
    found = np.frombuffer(bytes.fromhex("".join(space.hashes(batch))), dtype=np.uint8)
    wrong = np.flatnonzero((found.reshape(-1, DIGEST_BYTES) != cells.digests).any(axis=1))
    if len(wrong):
        row = int(wrong[0])
        raise LabelError(
            f"{cells.place(row)}: the hash of this cell is {space.hashes(batch[[row]])[0]}, "
            f"not {cells.hex(row)}"
        )
    return batch
