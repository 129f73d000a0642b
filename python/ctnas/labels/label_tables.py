"""Label sets out of tables: which column is the label, and which rows cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.metadata import entry_points
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from ctnas.checked import check_type, checked_path, one_of, whole
from ctnas.errors import LabelError
from ctnas.labels.blocks import ARCHITECTURE, Block, InvalidRow, require_column
from ctnas.labels.decision_table import with_decisions
from ctnas.labels.measurements import MEASUREMENTS, MINIMUM_LABELS, SPREAD, repeated_rows
from ctnas.labels.reading import CHUNK_ROWS, parse_block
from ctnas.labels.tables import read_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from ctnas.labels.reading import ArchitectureChunk
    from ctnas.spaces import SearchSpace

LABEL_FILES = "ctnas.label_files"
"""Entry points that read files of their own: `(path, space, choice)` to labels, or to None where
a file is none of theirs."""

LABEL_TABLES = "ctnas.label_tables"
"""Entry points that complete a table whose columns they know with a column `architecture`."""

Labels = TypeVar("Labels", bound="Sized")

_UNNAMED = re.compile(r"(Unnamed: \d+)?")
"""What a column of row numbers is called that a data frame was written with."""


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """What of a file is taken as labels; see `LabelSet.read`.

    Attributes:
        preferred: the metric where none is named and the file has several.
    """

    metric: str | None = None
    minimum: int = MINIMUM_LABELS
    minimize: bool = False
    repeated: Literal["mean", "error"] = "mean"
    on_invalid: Callable[[InvalidRow], None] | None = None
    preferred: str | None = None

    def __post_init__(self) -> None:
        if self.metric is not None:
            check_type("metric", self.metric, str)
        whole("minimum", self.minimum, 0)
        check_type("minimize", self.minimize, bool)
        one_of("repeated", self.repeated, ("mean", "error"))


def read_labels(
    path: str | Path, space: SearchSpace, choice: LabelChoice, make: Callable[..., Labels]
) -> Labels:
    """Read labels; see `LabelSet.read`.

    Args:
        path: the file.
        space: of its architectures.
        choice: what of it is taken.
        make: what `LabelSet` is.
    """
    from ctnas.spaces.space import SearchSpace as AnySpace

    check_type("space", space, AnySpace, 'such as ctnas.get_space("nasbench201")')
    path = checked_path("path", path)
    published = (read(Path(path), space, choice) for read in _registered(LABEL_FILES))
    found: Labels | None = next((labels for labels in published if labels is not None), None)
    if found is not None:
        return found
    table = with_decisions(space, whole_table(path))
    require_column(path, ARCHITECTURE, table.columns)
    metric = _chosen_metric(path, table, choice)
    chunk, invalid = parse_block(path, space, table)
    values, wrong = _values(path, table, metric)
    _report(invalid + wrong, choice)
    kept = [row in values for row in chunk.rows.tolist()]
    architectures, rows = chunk.architectures[np.flatnonzero(kept)], chunk.rows[kept]
    if choice.repeated == "error":
        _check_distinct(path, space, chunk)
    if len(rows) == 0:
        raise LabelError(f"{path} has no labels: none of {len(table.rows)} rows can be used")
    labels = make(
        space,
        architectures,
        [values[row] for row in rows.tolist()],
        metric,
        minimize=choice.minimize,
        **_repetitions(path, table, metric, rows.tolist()),
    )
    if len(labels) < choice.minimum:
        raise LabelError(f"{path}: at least {choice.minimum} labels are needed, not {len(labels)}")
    return labels


@cache
def _registered(group: str) -> tuple[Callable[..., Any], ...]:
    """Return what installed packages have registered in a group of entry points."""
    return tuple(point.load() for point in entry_points(group=group))


def whole_table(path: str | Path) -> Block:
    """Read all rows and columns of a table.

    Raises:
        LabelError: if it has none.
    """
    blocks = list(read_blocks(path, None, CHUNK_ROWS))
    for completed in _registered(LABEL_TABLES):
        blocks = [completed(block) for block in blocks]
    names = list(dict.fromkeys(name for block in blocks for name in block.columns))
    sizes = [len(block.rows) for block in blocks]
    malformed = [row for block in blocks for row in block.malformed]
    if not sum(sizes):
        raise LabelError(str(malformed[0]) if malformed else f"{path} has no labels")
    filled = [block.cells for block in blocks]
    cells = {
        name: [
            cell
            for part, size in zip(filled, sizes, strict=True)
            for cell in part.get(name, [None] * size)
        ]
        for name in names
    }
    return Block(np.concatenate([block.rows for block in blocks]), cells, malformed)


def measurement_columns(metric: str) -> tuple[str, str]:
    """Return the columns that say how many measurements a label is the mean of, and their spread.

    Args:
        metric: name of the column of the labels.
    """
    return f"{metric}_{MEASUREMENTS}", f"{metric}_{SPREAD}"


def _repetitions(
    path: str | Path, table: Block, metric: str, rows: list[int]
) -> dict[str, list[float]]:
    """Return numbers and spreads of the measurements behind labels, where the table has both."""
    names = measurement_columns(metric)
    if not set(names) <= set(table.columns):
        return {}
    at = {row: place for place, row in enumerate(table.rows.tolist())}
    found: list[list[float]] = []
    for name, unknown in zip(names, (1.0, nan), strict=True):
        cells = [table.columns[name][at[row]] for row in rows]
        values = [unknown if cell is None else _number(cell) for cell in cells]
        if None in values:
            wrong = values.index(None)
            raise LabelError(f"{path}, row {rows[wrong]}: {_wrong_value(name, cells[wrong])}")
        found.append([value for value in values if value is not None])
    return dict(zip(("counts", "spreads"), found, strict=True))


def _chosen_metric(path: str | Path, table: Block, choice: LabelChoice) -> str:
    """Return the column of the labels: the one that was named, or else the only numeric one."""
    columns = [name for name in table.columns if name != ARCHITECTURE]
    metric = choice.metric
    if metric is not None:
        if metric not in columns:
            listed = ", ".join(columns) or "none"
            raise LabelError(f"{path} has no metric {metric!r}; its other columns are {listed}")
        return metric
    columns = [name for name in columns if not _UNNAMED.fullmatch(name)]
    numeric = [name for name in columns if _is_numeric(table.columns[name])]
    about = {each for name in numeric for each in measurement_columns(name)}
    numeric = [name for name in numeric if name not in about]
    if len(numeric) == 1:
        return numeric[0]
    if choice.preferred in numeric:
        return str(choice.preferred)
    if numeric:
        raise LabelError(
            f"{path}: the metric must be named: numeric columns are {', '.join(numeric)}"
        )
    reasons = [_first_reason(table, name) for name in columns]
    listed = "; ".join(reasons) or f"there is none beside {ARCHITECTURE!r}"
    raise LabelError(f"{path}: no column is numeric: {listed}")


def _is_numeric(cells: list[Any]) -> bool:
    """Return whether more than half of the cells that are not empty are numbers."""
    filled = [cell for cell in cells if cell is not None]
    return sum(_number(cell) is not None for cell in filled) > len(filled) / 2


def _first_reason(table: Block, name: str) -> str:
    """Return what the first cell of a column is that is no number."""
    for row, cell in zip(table.rows.tolist(), table.columns[name], strict=True):
        if cell is not None and _number(cell) is None:
            return f"row {row}: {_wrong_value(name, cell)}"
    return f"{name} is empty"


def _values(
    path: str | Path, table: Block, metric: str
) -> tuple[dict[int, float], list[InvalidRow]]:
    """Return the labels by row, and the rows that have none."""
    values: dict[int, float] = {}
    invalid = []
    for row, cell in zip(table.rows.tolist(), table.columns[metric], strict=True):
        value = _number(cell)
        if value is not None and isfinite(value):
            values[row] = value
        else:
            invalid.append(InvalidRow(str(path), row, "", _wrong_value(metric, cell)))
    return values, invalid


def _number(cell: object) -> float | None:
    """Return a cell as a number, or None where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | Decimal):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _wrong_value(metric: str, cell: object) -> str:
    """Return what is wrong with the cell of a label."""
    if cell is None:
        return f"{metric} is empty"
    if _number(cell) is not None:
        return f"{metric} is {_number(cell)}, not a finite number"
    pointed = cell.replace(",", ".", 1) if isinstance(cell, str) else None
    if pointed != cell and _number(pointed) is not None:
        return f"{metric} is {cell!r}, not a number: decimals stand after a point"
    return f"{metric} is {cell!r}, not a number"


def _report(invalid: list[InvalidRow], choice: LabelChoice) -> None:
    """Pass on what cannot be used, each row once; without anybody who takes it, refuse it."""
    rows: dict[int, InvalidRow] = {}
    for row in invalid:
        rows.setdefault(row.row, row)
    for number in sorted(rows):
        if choice.on_invalid is None:
            raise LabelError(str(rows[number]))
        choice.on_invalid(rows[number])


def _check_distinct(path: str | Path, space: SearchSpace, chunk: ArchitectureChunk) -> None:
    pair = repeated_rows(chunk.architectures)
    if pair is not None:
        first, again = (int(chunk.rows[index]) for index in pair)
        text = space.format(chunk.architectures[[pair[0]]])[0]
        raise LabelError(f"{path}: rows {first} and {again} are the same architecture {text!r}")
