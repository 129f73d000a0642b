"""NAS-Bench-101 cells in JSON: a list of objects, one a cell, in either of two layouts."""

from __future__ import annotations

from itertools import chain
from reprlib import repr as shown
from typing import TYPE_CHECKING, Any

from ctnas.benchmarks.tables.json_array import read_json_objects
from ctnas.benchmarks.tables.nasbench101_cells import CellCollector
from ctnas.benchmarks.tables.nasbench101_metric import RunMetric
from ctnas.benchmarks.tables.nasbench101_text import cell_bytes, digest_bytes
from ctnas.errors import ArchitectureError, LabelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ctnas.benchmarks.tables.nasbench101_cells import MeasuredCells

_FLAT = "hash_"
_WITH_RUNS = "runs_108_epochs"
_COSTS = {"n_params", "training_time", "rank"}
_OF_A_CELL = {_FLAT, _WITH_RUNS, "matrix", "module_adjacency"}


def holds_cells(path: Path) -> bool:
    """Return whether a JSON file holds cells of NAS-Bench-101, and not a table of labels.

    A file that is no list of objects is neither; the reader of tables says so.
    """
    try:
        first = next(read_json_objects(path), {})
    except (OSError, UnicodeDecodeError, LabelError):
        return False
    return not _OF_A_CELL.isdisjoint(first)


def read_json(path: Path, metric: str | None) -> tuple[MeasuredCells, str]:
    """Read either layout; which one it is, the first object tells.

    - The one of the method's authors: `matrix, ops, hash_` and a number for each metric.
    - Complete official records: `module_adjacency, module_operations, module_hash` and, for each
      run, `final_train_accuracy`, `final_validation_accuracy` and `final_test_accuracy`.
    """
    objects = enumerate(read_json_objects(path), start=1)
    first = next(objects, None)
    if first is None:
        raise LabelError(f"{path} has no labels")
    entries = chain([first], objects)
    if _FLAT in first[1]:
        name = _flat_metric(path, first[1], metric)
        keys = ("hash_", "matrix", "ops")
        return _collect(path, entries, keys, lambda entry: [_number(entry, name)]).only(), name
    if _WITH_RUNS in first[1]:
        chosen = RunMetric.parse(path, metric)
        keys = ("module_hash", "module_adjacency", "module_operations")
        final = f"final_{chosen.accuracy}"
        cells = _collect(path, entries, keys, lambda entry: _of_runs(entry, final))
        return cells.of_run(chosen.run), str(chosen)
    raise LabelError(
        f"{path}, object 1: a cell has a {_FLAT!r} or {_WITH_RUNS!r}, "
        f"not only {', '.join(first[1]) or 'nothing'}"
    )


def _collect(
    path: Path,
    entries: Iterator[tuple[int, dict[str, Any]]],
    keys: tuple[str, str, str],
    values: Callable[[Mapping[str, Any]], list[float]],
) -> MeasuredCells:
    """Gather cells that have hash, matrix and operations under these keys."""
    collector = CellCollector(path, "object")
    for number, entry in entries:
        try:
            digest, matrix, operations = (_value(entry, key) for key in keys)
            cell = cell_bytes(_matrix_text(matrix), _operations_text(operations))
            for value in values(entry):
                collector.add(number, digest_bytes(digest), cell, value)
        except (ArchitectureError, LabelError) as error:
            raise LabelError(f"{path}, object {number}: {error}") from None
    return collector.collected()


def _flat_metric(path: Path, entry: Mapping[str, Any], metric: str | None) -> str:
    """Return the metric that was named, or else the only one that a cell has."""
    numeric = [name for name, value in entry.items() if _is_number(value) and name not in _COSTS]
    if metric is None and len(numeric) == 1:
        return numeric[0]
    if metric is None:
        raise LabelError(
            f"{path}: the metric must be named: a cell has {', '.join(numeric) or 'none'}"
        )
    if metric not in entry:
        raise LabelError(f"{path} has no metric {metric!r}; a cell has {', '.join(numeric)}")
    return metric


def _of_runs(entry: Mapping[str, Any], name: str) -> list[float]:
    runs = _value(entry, _WITH_RUNS)
    if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) for run in runs):
        raise LabelError(f"{_WITH_RUNS} must be a list of objects, not {shown(runs)}")
    return [_number(run, name) for run in runs]


def _number(entry: Mapping[str, Any], name: str) -> float:
    value = _value(entry, name)
    if not _is_number(value):
        raise LabelError(f"{name} is {shown(value)}, not a number")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(entry: Mapping[str, Any], key: str) -> Any:
    if key not in entry:
        raise LabelError(f"it has no {key!r}")
    return entry[key]


def _matrix_text(matrix: object) -> str:
    """Return an adjacency matrix, a list of rows, as a text of 0 and 1."""
    if not isinstance(matrix, list) or not all(
        isinstance(row, list) and len(row) == len(matrix) for row in matrix
    ):
        raise ArchitectureError(
            f"an adjacency matrix is a square list of rows, not {shown(matrix)}"
        )
    return "".join(map(str, chain.from_iterable(matrix)))


def _operations_text(operations: object) -> str:
    if not isinstance(operations, list) or not all(isinstance(name, str) for name in operations):
        raise ArchitectureError(f"operations are a list of names, not {shown(operations)}")
    return ",".join(operations)
