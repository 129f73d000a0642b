"""NAS-Bench-101 cells as NumPy arrays in one `.npz` file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ctnas.architecture import INPUT, OUTPUT
from ctnas.benchmarks.tables.nasbench101_cells import MeasuredCells
from ctnas.benchmarks.tables.nasbench101_text import DIGEST_BYTES
from ctnas.errors import LabelError, first_line
from ctnas.spaces.nasbench101.matrix import MAX_VERTICES, NASBENCH101_OPERATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import BoolArray, UInt8Array

_Array: TypeAlias = NDArray[Any]

_SHAPES = {
    "hash": (DIGEST_BYTES,),
    "adjacency": (MAX_VERTICES, MAX_VERTICES),
    "operations": (MAX_VERTICES - 2,),
    "num_vertices": (),
}
_COSTS = ("trainable_parameters",)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    AttributeError,
    NotImplementedError,
    TypeError,
    ValueError,
)


def read_arrays(path: Path, metric: str | None) -> tuple[MeasuredCells, str]:
    """Read the arrays of N cells, and one further array of numbers [N] as their labels.

    - `hash` uint8 [N, 16]: the published hash.
    - `adjacency` [N, 7, 7]: 0 or 1, strictly upper triangular.
    - `operations` [N, 5]: of each interior vertex the index in `NASBENCH101_OPERATIONS`; -1 where
      there is no vertex.
    - `num_vertices` [N]: of input, interior vertices and output together.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays: dict[str, _Array] = {name: archive[name] for name in archive.files}
    except _UNREADABLE as error:
        raise LabelError(f"{path} is not a file of arrays: {first_line(error)}") from None
    count = _checked_count(path, arrays)
    name = _chosen_metric(path, arrays, count, metric)
    values = arrays[name].astype(np.float64)
    _refuse(path, ~np.isfinite(values), f"{name} is not a finite number")
    places = np.arange(1, count + 1, dtype=np.int64)
    cells = MeasuredCells(path, "row", places, arrays["hash"], _cells(path, arrays), values)
    return cells.only(), name


def _checked_count(path: Path, arrays: dict[str, _Array]) -> int:
    """Return N, after checking that the arrays of the cells are there and fit each other."""
    missing = [name for name in _SHAPES if name not in arrays]
    if missing:
        listed = ", ".join(arrays) or "none"
        raise LabelError(f"{path} has no array {missing[0]!r}; its arrays are {listed}")
    count = len(arrays["hash"]) if arrays["hash"].ndim else 0
    for name, shape in _SHAPES.items():
        array = arrays[name]
        is_integer = array.dtype == np.uint8 if name == "hash" else array.dtype.kind in "iu"
        if array.shape != (count, *shape) or not is_integer:
            needed = f"{'uint8' if name == 'hash' else 'integers'} {[count, *shape]}"
            came = f"{array.dtype} {list(array.shape)}"
            raise LabelError(f"{path}: array {name!r} must be {needed}, not {came}")
    return count


def _chosen_metric(path: Path, arrays: dict[str, _Array], count: int, metric: str | None) -> str:
    """Return the metric that was named, or else the only array that can be one."""
    numeric = [
        name
        for name, array in arrays.items()
        if name not in _SHAPES and array.shape == (count,) and array.dtype.kind in "fiu"
    ]
    if metric is not None:
        if metric not in numeric:
            listed = ", ".join(numeric) or "none"
            raise LabelError(f"{path} has no metric {metric!r}; its other arrays are {listed}")
        return metric
    candidates = [name for name in numeric if name not in _COSTS]
    if len(candidates) != 1:
        listed = ", ".join(candidates) or "none"
        raise LabelError(f"{path}: the metric must be named: numeric arrays are {listed}")
    return candidates[0]


def _cells(path: Path, arrays: dict[str, _Array]) -> UInt8Array:
    """Return uint8 [N, 56], see `cell_bytes`."""
    adjacency, choices, vertices = (arrays[name] for name in list(_SHAPES)[1:])
    count = len(vertices)
    _refuse(path, (adjacency != 0) & (adjacency != 1), "adjacency is not 0 or 1")
    cycle = "adjacency is not strictly upper triangular, so that there is a cycle"
    _refuse(path, np.tril(adjacency) != 0, cycle)
    bounds = f"num_vertices is not in 2..{MAX_VERTICES}"
    _refuse(path, (vertices < 2) | (vertices > MAX_VERTICES), bounds)
    exists = np.arange(1, MAX_VERTICES - 1) < vertices[:, None] - 1
    known = (choices >= 0) & (choices < len(NASBENCH101_OPERATIONS))
    _refuse(path, exists & ~known, "an operation of a vertex is unknown")
    operations = np.zeros((count, MAX_VERTICES), dtype=np.uint8)
    operations[:, 0] = INPUT
    operations[:, 1:-1] = np.where(exists, choices + OUTPUT + 1, 0)
    operations[np.arange(count), vertices - 1] = OUTPUT
    return np.concatenate([adjacency.reshape(count, -1).astype(np.uint8), operations], axis=1)


def _refuse(path: Path, wrong: BoolArray, reason: str) -> None:
    """Raise LabelError naming the first row in which anything is wrong ([N, ...])."""
    places = np.argwhere(wrong)
    if len(places):
        raise LabelError(f"{path}, row {int(places[0][0]) + 1}: {reason}")
