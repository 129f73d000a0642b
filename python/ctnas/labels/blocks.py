"""Pieces of a table whose rows know where in the file they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnas.errors import LabelError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ctnas.architecture import Int64Array

ARCHITECTURE = "architecture"
"""Name of the column that holds one architecture a row, as text."""

SUBNET_COLUMNS = ("depths", "kernel_sizes", "expand_ratios")
"""Columns that stand for the architecture in tables of once-for-all subnets."""

_SHOWN = 160


@dataclass(frozen=True, slots=True)
class InvalidRow:
    """A row of a file that cannot be used.

    Attributes:
        path: the file.
        row: where it stands there, counted from 1; in a CSV file row 1 is the header.
        text: what was found.
        reason: what is wrong with it.
    """

    path: str
    row: int
    text: str
    reason: str

    def __str__(self) -> str:
        shown = repr(self.text if len(self.text) <= _SHOWN else f"{self.text[:_SHOWN]}...")
        found = "" if not self.text or shown in self.reason else f" {shown}:"
        return f"{self.path}, row {self.row}:{found} {self.reason}"


def left_out(invalid: Sequence[InvalidRow]) -> str:
    """Return a sentence on rows that were left out, at least one."""
    rows = "1 row" if len(invalid) == 1 else f"{len(invalid):,} rows"
    which = "it" if len(invalid) == 1 else "the first"
    return f"Left out, as {rows} cannot be used; {which} is {invalid[0]}"


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a table.

    Attributes:
        rows: int64 [n], where each row stands in the file.
        columns: column name -> n cells, as a list or an Arrow array; null where a cell is empty.
        malformed: rows among or before those that have no cells, being no rows of this table.
    """

    rows: Int64Array
    columns: dict[str, Any]
    malformed: list[InvalidRow]

    @property
    def cells(self) -> dict[str, list[Any]]:
        """The columns as lists; None where a cell is empty."""
        return {
            name: column if isinstance(column, list) else column.to_pylist()
            for name, column in self.columns.items()
        }


def check_columns(
    path: Path | str, names: Sequence[str], columns: Sequence[str] | None
) -> list[str]:
    """Return the columns to read, all where `columns` is None.

    Raises:
        LabelError: if the table lacks one of them or repeats a name.
    """
    # Columns without a name hold row numbers, or nothing after a last comma.
    names = [name for name in names if name]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise LabelError(f"{path}: column {repeated[0]!r} appears more than once")
    for name in columns or ():
        require_column(path, name, names)
    return list(names if columns is None else columns)


def require_column(path: Path | str, name: str, names: Collection[str]) -> None:
    """Raise LabelError unless a table has a column of that name."""
    if name not in names:
        listed = ", ".join(names) or "without names"
        raise LabelError(f"{path} has no column {name!r}; its columns are {listed}")
