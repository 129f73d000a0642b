"""Tables of architectures as files: CSV and Parquet through pyarrow, and JSON lines.

Reading goes block by block, so that a file may be larger than memory. Every row knows where in the
file it stands: in a CSV file the header is row 1, elsewhere the first row is row 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ctnas.app.atomic import replacing
from ctnas.errors import InputFileError, LabelError, first_line
from ctnas.labels.blocks import Block, check_columns
from ctnas.labels.csv_table import read_csv
from ctnas.labels.json_table import read_json, read_json_lines
from ctnas.labels.streams import (
    STANDARD_INPUT,
    as_utf8,
    is_uri,
    open_table,
    table_name,
    table_suffix,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


READABLE = frozenset({".csv", ".parquet", ".jsonl", ".json"})
"""Suffixes of tables that can be read."""
WRITABLE = frozenset({".csv", ".parquet"})
"""Suffixes of tables that can be written."""


def read_blocks(path: str | Path, columns: Sequence[str] | None, rows: int) -> Iterator[Block]:
    """Read a table block by block.

    Args:
        path: a `.csv`, `.parquet`, `.jsonl` or `.json` file, a URI of one, or `-` for standard
            input (CSV or JSON lines).
        columns: which columns to return, or None for all.
        rows: a block has at most so many rows.

    Yields:
        Blocks in the order of the file.

    Raises:
        InputFileError: if the file is missing or unreadable.
        LabelError: if it is not a table, or lacks one of the columns.
    """
    place = str(path)
    check_table_name(place)
    name = Path(table_name(place)) if not is_uri(place) else place
    readers = {
        ".csv": read_csv,
        ".parquet": _read_parquet,
        ".jsonl": read_json_lines,
        ".json": read_json,
    }
    try:
        with open_table(place) as opened:
            suffix, stream = table_suffix(place, opened)
            if suffix != ".parquet":
                stream = as_utf8(stream)
            yield from readers[suffix](name, stream, columns, rows)
    except OSError as error:
        reason = error.strerror or first_line(error)
        raise InputFileError(f"cannot read {str(name)!r}: {reason}") from None
    except UnicodeDecodeError:
        raise LabelError(
            f"{name} is not a table: its text is not UTF-8, UTF-16 or UTF-32"
        ) from None


def check_table_name(place: str | Path) -> None:
    """Raise LabelError unless a place is `-` or named as a table that can be read."""
    suffix = Path(place).suffix.lower()
    if str(place) != STANDARD_INPUT and suffix not in READABLE:
        raise LabelError(
            f"{place}: a table must be named .csv, .parquet, .jsonl or .json, not {suffix!r}"
        )


def write_table(path: str | Path, columns: Mapping[str, Collection[Any]]) -> None:
    """Write columns of equal length as a `.csv` or `.parquet` file, atomically.

    In a CSV file a cell that is NaN or None is empty.

    Raises:
        LabelError: if the name ends otherwise.
        OutputError: if the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    path = Path(path)
    check_writable_name(path)
    is_csv = path.suffix.lower() == ".csv"
    table = pa.table({name: pa.array(cells, from_pandas=is_csv) for name, cells in columns.items()})
    with replacing(path) as temporary, temporary.open("wb") as stream:
        if is_csv:
            csv.write_csv(table, stream)
        else:
            parquet.write_table(table, stream)


def check_writable_name(path: Path, suffixes: Collection[str] = WRITABLE) -> None:
    """Raise LabelError unless a path is named as a table that can be written."""
    if path.suffix.lower() not in suffixes:
        allowed = " or ".join(sorted(suffixes))
        raise LabelError(
            f"cannot write {str(path)!r}: a table must be named {allowed}, not {path.suffix!r}"
        )


def _read_parquet(
    path: Path | str, stream: BinaryIO, columns: Sequence[str] | None, rows: int
) -> Iterator[Block]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(stream) as file:
            wanted = check_columns(path, file.schema_arrow.names, columns)
            start = 1
            for batch in file.iter_batches(batch_size=rows, columns=wanted):
                numbers = np.arange(start, start + len(batch), dtype=np.int64)
                yield Block(numbers, dict(zip(wanted, batch.columns, strict=True)), [])
                start += len(batch)
    except pa.ArrowInvalid as error:
        raise LabelError(f"{path} is not a Parquet table: {first_line(error)}") from None
