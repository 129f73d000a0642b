"""Tables in JSON: an object a line, a list of objects, or what a data frame is written as."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ctnas.errors import LabelError, first_line
from ctnas.labels.blocks import ARCHITECTURE, Block, InvalidRow, check_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_LABEL = "label"
"""Name of the metric where a file gives nothing but a number to each architecture."""


def read_json_lines(
    path: Path | str, stream: BinaryIO, columns: Sequence[str] | None, rows: int
) -> Iterator[Block]:
    """Read an object a line. Arguments and errors are those of `read_blocks`."""
    with io.TextIOWrapper(stream, encoding="utf-8-sig") as lines:
        found = ((number, _json_record(line), line) for number, line in enumerate(lines, start=1))
        yield from _blocks(path, found, columns, rows)


def read_json(
    path: Path | str, stream: BinaryIO, columns: Sequence[str] | None, rows: int
) -> Iterator[Block]:
    """Read a file that is one JSON value; one that holds an object a line is read as such.

    The value is a list of objects, an object of columns (lists, or objects by row), or an object
    that has for each architecture a number or an object of metrics.
    """
    content = stream.read()
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            yield from read_json_lines(path, io.BytesIO(content), columns, rows)
            return
        raise LabelError(f"{path} is not JSON: {first_line(error)}") from None
    if isinstance(value, dict) and not content.count(b"\n", 0, -1) and ARCHITECTURE in value:
        value = value if isinstance(value[ARCHITECTURE], list | dict) else [value]
    entries = enumerate(_entries(path, value), start=1)
    found = (
        (number, entry if isinstance(entry, dict) else "not a JSON object", json.dumps(entry))
        for number, entry in entries
    )
    yield from _blocks(path, found, columns, rows)


def _entries(path: Path | str, value: object) -> list[Any]:
    """Return what stands in the rows of a table."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise LabelError(f"{path} is not a table: it must hold a list of objects")
    if ARCHITECTURE not in value:
        return [
            {ARCHITECTURE: text, **(entry if isinstance(entry, dict) else {_LABEL: entry})}
            for text, entry in value.items()
        ]
    columns = {
        name: list(cells.values()) if isinstance(cells, dict) else cells
        for name, cells in value.items()
    }
    count = len(columns[ARCHITECTURE])
    for name, cells in columns.items():
        if not isinstance(cells, list) or len(cells) != count:
            raise LabelError(f"{path}: column {name!r} is no list of {count} cells")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _blocks(
    path: Path | str,
    found: Iterable[tuple[int, dict[str, Any] | str | None, str]],
    columns: Sequence[str] | None,
    rows: int,
) -> Iterator[Block]:
    """Gather records; a text in the place of a record says what is wrong with it."""
    numbers: list[int] = []
    records: list[dict[str, Any]] = []
    malformed: list[InvalidRow] = []
    for number, record, text in found:
        if isinstance(record, str):
            malformed.append(InvalidRow(str(path), number, text.strip(), record))
        elif record is not None:
            numbers.append(number)
            records.append(record)
        if len(records) + len(malformed) == rows:
            yield _block(path, numbers, records, columns, malformed)
            numbers, records, malformed = [], [], []
    yield _block(path, numbers, records, columns, malformed)


def _json_record(line: str) -> dict[str, Any] | str | None:
    """Return the object on a line, what is wrong with it, or None where the line is empty."""
    if not line.strip():
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not JSON ({first_line(error)})"
    return record if isinstance(record, dict) else "not a JSON object"


def _block(
    path: Path | str,
    numbers: list[int],
    records: list[dict[str, Any]],
    columns: Sequence[str] | None,
    malformed: list[InvalidRow],
) -> Block:
    # A record may lack what others have: its cell is empty.
    known = list(dict.fromkeys(name for record in records for name in record))
    names = check_columns(path, known, columns) if records else list(columns or [])
    cells = {name: [record.get(name) for record in records] for name in names}
    return Block(np.array(numbers, dtype=np.int64), cells, malformed)
