"""Tables of architectures as files: CSV and Parquet through pyarrow, and JSON lines.

Reading goes block by block, so that a file may be larger than memory. Every row knows where in the
file it stands: in a CSV file the header is row 1, elsewhere the first row is row 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.atomic import replacing
from ctnas.errors import InputFileError, LabelError
from ctnas.labels.blocks import Block, InvalidRow, check_columns, first_line
from ctnas.labels.csv_table import read_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


def read_blocks(path: str | Path, columns: Sequence[str] | None, rows: int) -> Iterator[Block]:
    """Read a table block by block.

    Args:
        path: a `.csv`, `.parquet` or `.jsonl` file.
        columns: which columns to return, or None for all.
        rows: a block has at most so many rows.

    Yields:
        Blocks in the order of the file.

    Raises:
        InputFileError: if the file is missing or unreadable.
        LabelError: if it is not a table, or lacks one of the columns.
    """
    path = Path(path)
    readers = {".csv": read_csv, ".parquet": _read_parquet, ".jsonl": _read_json_lines}
    if path.suffix.lower() not in readers:
        raise LabelError(
            f"{path}: a table must be named .csv, .parquet or .jsonl, not {path.suffix!r}"
        )
    try:
        # Python's own error for a file that cannot be opened is the clearest.
        with path.open("rb"):
            pass
        yield from readers[path.suffix.lower()](path, columns, rows)
    except OSError as error:
        reason = error.strerror or first_line(error)
        raise InputFileError(f"cannot read {str(path)!r}: {reason}") from None
    except UnicodeDecodeError:
        raise LabelError(f"{path} is not a table: its text is not UTF-8") from None


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
    if path.suffix.lower() not in {".csv", ".parquet"}:
        raise LabelError(
            f"cannot write {str(path)!r}: a table must be named .csv or .parquet, "
            f"not {path.suffix!r}"
        )
    is_csv = path.suffix.lower() == ".csv"
    table = pa.table({name: pa.array(cells, from_pandas=is_csv) for name, cells in columns.items()})
    with replacing(path) as temporary, temporary.open("wb") as stream:
        if is_csv:
            csv.write_csv(table, stream)
        else:
            parquet.write_table(table, stream)


def _read_parquet(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[Block]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            wanted = check_columns(path, file.schema_arrow.names, columns)
            start = 1
            for batch in file.iter_batches(batch_size=rows, columns=wanted):
                numbers = np.arange(start, start + len(batch), dtype=np.int64)
                yield Block(numbers, batch.to_pydict(), [])
                start += len(batch)
    except pa.ArrowInvalid as error:
        raise LabelError(f"{path} is not a Parquet table: {first_line(error)}") from None


def _read_json_lines(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[Block]:
    names: list[str] | None = None
    numbers: list[int] = []
    records: list[dict[str, Any]] = []
    malformed: list[InvalidRow] = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            record = _json_record(line)
            if isinstance(record, str):
                malformed.append(InvalidRow(str(path), number, line.strip(), record))
            elif record is not None:
                names = names or check_columns(path, list(record), columns)
                numbers.append(number)
                records.append(record)
            if len(records) + len(malformed) == rows:
                yield _json_block(numbers, records, names or [], malformed)
                numbers, records, malformed = [], [], []
    yield _json_block(numbers, records, names or [], malformed)


def _json_record(line: str) -> dict[str, Any] | str | None:
    """Return the object on a line, what is wrong with it, or None where the line is empty."""
    if not line.strip():
        return None
    try:
        record = json.loads(line)
    except ValueError as error:
        return f"not JSON ({first_line(error)})"
    return record if isinstance(record, dict) else "not a JSON object"


def _json_block(
    numbers: list[int],
    records: list[dict[str, Any]],
    names: Sequence[str],
    malformed: list[InvalidRow],
) -> Block:
    cells = {name: [record.get(name) for record in records] for name in names}
    return Block(np.array(numbers, dtype=np.int64), cells, malformed)
