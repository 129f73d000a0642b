"""Architectures as numbers: the fast way into a ranking, without any text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ArchitectureError
from ctnas.labels.blocks import ARCHITECTURE, Block, InvalidRow
from ctnas.labels.streams import open_table

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Int64Array
    from ctnas.spaces import SearchSpace

DECISIONS = "decisions"
"""Name of the column that holds one row of decisions a row, as a list of fixed size."""


def decision_columns(path: str | Path, space: SearchSpace) -> list[str] | None:
    """Return the columns of a Parquet file that hold decisions, or None where texts are read.

    They are a column `decisions` (a list of fixed size) or one column of integers for each decision
    of the space, under its name; texts are preferred where the file has both.
    """
    if Path(path).suffix.lower() != ".parquet":
        return None
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with open_table(str(path)) as stream, parquet.ParquetFile(stream) as file:
            names = set(file.schema_arrow.names)
    except (OSError, pa.ArrowInvalid):
        return None  # whoever reads the file says what is wrong
    own = [decision.name for decision in space.decisions]
    if ARCHITECTURE in names:
        return None
    if DECISIONS in names:
        return [DECISIONS]
    return own if names.issuperset(own) else None


def read_decisions(
    path: str | Path, space: SearchSpace, block: Block
) -> tuple[ArchitectureBatch, Int64Array, list[InvalidRow]]:
    """Return the architectures of a block of decisions, their rows, and the unusable rows.

    Raises:
        ArchitectureError: if a column holds something else than integers, or too few of them.
    """
    values, filled = _matrix(path, space, block.columns)
    fits = filled & ((values >= 0) & (values < space.choices)).all(axis=1)
    invalid = [
        InvalidRow(str(path), int(block.rows[row]), *_fault(space, values[row], filled[row]))
        for row in np.flatnonzero(~fits)
    ]
    batch = ArchitectureBatch(space.name, values[fits].astype(np.int16))
    return batch, block.rows[fits], invalid


def _matrix(
    path: str | Path, space: SearchSpace, columns: dict[str, Any]
) -> tuple[Int64Array, BoolArray]:
    """Return integers [N, T], and which rows are without an empty cell."""
    import pyarrow as pa

    width = len(space.decisions)
    if list(columns) == [DECISIONS]:
        column = columns[DECISIONS]
        kind = column.type
        if not pa.types.is_fixed_size_list(kind) or kind.list_size != width:
            raise ArchitectureError(
                f"{path}: column {DECISIONS!r} must be a list of {width} integers of fixed size, "
                f"as space {space.name!r} has {width} decisions, not {kind}"
            )
        # Unlike `flatten`, this keeps the places of empty cells.
        flat = column.values.slice(column.offset * width, len(column) * width)
        filled = column.is_valid().to_numpy(zero_copy_only=False)
        flat, present = _integers(path, DECISIONS, flat)
        return flat.reshape(-1, width), filled & present.reshape(-1, width).all(axis=1)
    pairs = [_integers(path, name, column) for name, column in columns.items()]
    values = np.stack([values for values, _ in pairs], axis=1)
    return values, np.all([present for _, present in pairs], axis=0)


def _integers(path: str | Path, name: str, column: Any) -> tuple[Int64Array, BoolArray]:
    """Return a column as integers, 0 where it is empty, and where it is not."""
    import pyarrow as pa

    if not pa.types.is_integer(column.type):
        raise ArchitectureError(f"{path}: column {name!r} must hold integers, not {column.type}")
    present = column.is_valid().to_numpy(zero_copy_only=False)
    filled = column.fill_null(0) if column.null_count else column
    return filled.to_numpy(zero_copy_only=False), present


def _fault(space: SearchSpace, row: Int64Array, filled: bool) -> tuple[str, str]:
    """Return a row that cannot be used as text, and what is wrong with it."""
    text = str(row.tolist())
    if not filled:
        return "", "a decision is empty"
    column = int(np.flatnonzero((row < 0) | (row >= space.choices))[0])
    decision = space.decisions[column]
    return text, (
        f"decision {decision.name!r}: choice {row[column]} is not in 0..{len(decision) - 1}"
    )
