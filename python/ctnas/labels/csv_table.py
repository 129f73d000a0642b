"""CSV files block by block, with the place of every row, malformed ones included."""

from __future__ import annotations

import io
from csv import reader as csv_lines
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ctnas.errors import LabelError, first_line
from ctnas.labels.blocks import (
    ARCHITECTURE,
    SUBNET_COLUMNS,
    Block,
    InvalidRow,
    check_columns,
)
from ctnas.labels.streams import read_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyarrow import csv

    from ctnas.architecture import Int64Array

_BLOCK_BYTES = 1 << 22
_HEADER_CHARACTERS = 1 << 16
_DELIMITERS = (",", ";", "\t")


def read_csv(
    path: Path | str, stream: BinaryIO, columns: Sequence[str] | None, rows: int
) -> Iterator[Block]:
    """Read a CSV file; every cell is a string, or None where it is empty.

    Lines without any cell are passed over. Arguments and errors are those of `read_blocks`.
    """
    import pyarrow as pa

    numbering = _RowNumbers(path)
    try:
        head, whole = read_head(stream)
        blank = _leading_blank_lines(head)
        delimiter = _delimiter(head, blank)
        numbering = _RowNumbers(path, blank)
        with _open(whole, _column_names(head, delimiter, blank), numbering, delimiter) as reader:
            names = [name.strip() for name in reader.schema.names]
            wanted = check_columns(path, names, columns)
            for batch in reader:
                for start in range(0, len(batch), rows):
                    piece = _as_texts(batch.slice(start, rows)).rename_columns(names)
                    numbers = numbering.take(len(piece))
                    filled = _filled(piece)
                    kept = piece.select(wanted)
                    if not filled.all():
                        kept = kept.filter(pa.array(filled))
                    cells = dict(zip(wanted, kept.columns, strict=True))
                    yield Block(numbers[filled], cells, numbering.take_malformed())
    except pa.ArrowInvalid as error:
        raise numbering.invalid(first_line(error)) from None
    empty: Int64Array = np.empty(0, dtype=np.int64)
    yield Block(empty, {name: [] for name in wanted}, numbering.take_malformed(last=True))


def _leading_blank_lines(head: bytes) -> int:
    """Return the number of blank lines before the header."""
    lines = head.decode("utf-8-sig", errors="replace")[:_HEADER_CHARACTERS].splitlines()
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def _delimiter(head: bytes, blank: int) -> str:
    """Return what stands between cells: what gives the header the columns that a table needs."""
    lines = head.decode("utf-8-sig", errors="replace")[:_HEADER_CHARACTERS].splitlines(True)
    first = "".join(lines[blank:])
    for delimiter in _DELIMITERS:
        names = next(csv_lines(io.StringIO(first, newline=""), delimiter=delimiter), [])
        if ARCHITECTURE in names or set(SUBNET_COLUMNS) <= set(names):
            return delimiter
    return _DELIMITERS[0]


def _column_names(head: bytes, delimiter: str, blank: int) -> list[str]:
    """Return the header, given as the beginning of a file."""
    whole_lines = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    with _open(io.BytesIO(whole_lines), [], _RowNumbers(Path(), blank), delimiter) as reader:
        return list(reader.schema.names)


def _open(
    stream: BinaryIO, columns: Sequence[str], numbering: _RowNumbers, delimiter: str
) -> csv.CSVStreamingReader:
    """Open a table; `columns` are read as bytes, whatever stands in them."""
    import pyarrow as pa
    from pyarrow import csv

    return csv.open_csv(
        stream,
        # Without threads the reader knows the number of a malformed row.
        read_options=csv.ReadOptions(
            use_threads=False, block_size=_BLOCK_BYTES, skip_rows=numbering.blank
        ),
        parse_options=csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=numbering.set_aside,
        ),
        convert_options=csv.ConvertOptions(
            # Not strings: one cell that is not UTF-8 would cost the table.
            column_types=dict.fromkeys(columns, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _as_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return columns of bytes as columns of texts; what is not UTF-8 becomes a sign for that."""
    import pyarrow as pa

    def texts(column: pa.Array) -> pa.Array:
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            cells = [cell and cell.decode(errors="replace") for cell in column.to_pylist()]
            return pa.array(cells, pa.string())

    return pa.RecordBatch.from_arrays([texts(each) for each in batch.columns], batch.schema.names)


def _filled(batch: pa.RecordBatch) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows have at least one cell that is not empty."""
    if any(column.null_count == 0 for column in batch.columns):
        # The usual case, without what makes pyarrow load pandas where that is installed.
        return np.ones(len(batch), dtype=np.bool_)
    filled = np.zeros(len(batch), dtype=np.bool_)
    for column in batch.columns:
        filled |= column.is_valid().to_numpy(zero_copy_only=False)
    return filled


class _RowNumbers:
    """Gives rows their place in a file from which the reader took out the malformed ones.

    Args:
        path: the file.
        blank: number of blank lines before the header.
    """

    def __init__(self, path: Path | str, blank: int = 0) -> None:
        self._path = path
        self.blank = blank
        self._malformed: list[InvalidRow] = []
        self._taken = 0
        self._next = blank + 2  # after the header

    def set_aside(self, row: csv.InvalidRow) -> str:
        """Note a row that has another number of cells than the header."""
        reason = f"{row.actual_columns} cells instead of {row.expected_columns}"
        if row.actual_columns > row.expected_columns:
            reason += " (a text with commas must stand in quotes)"
        self._malformed.append(InvalidRow(str(self._path), row.number, row.text, reason))
        return "skip"

    def take(self, count: int) -> Int64Array:
        """Return the places of the next `count` well-formed rows."""
        malformed = [row.row for row in self._malformed[self._taken :]]
        candidates = np.arange(self._next, self._next + count + len(malformed), dtype=np.int64)
        rows = candidates[~np.isin(candidates, malformed)][:count]
        self._next = int(rows[-1]) + 1 if count else self._next
        return rows

    def take_malformed(self, *, last: bool = False) -> list[InvalidRow]:
        """Return the malformed rows up to the place reached, or up to the end; each once."""
        rest = self._malformed[self._taken :]
        passed = [row for row in rest if last or row.row < self._next]
        self._taken += len(passed)
        return passed

    def invalid(self, reason: str) -> LabelError:
        """Return the error for a file that is no CSV table."""
        if reason.startswith("Empty CSV file"):
            return LabelError(f"{self._path} is empty")
        return LabelError(f"{self._path} is not a CSV table: {reason}")
