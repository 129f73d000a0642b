"""Architectures out of tables, with one clear line for every row that is unusable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.architecture import ArchitectureBatch, Int64Array
from ctnas.checked import checked_path
from ctnas.errors import ArchitectureError, LabelError
from ctnas.labels.blocks import ARCHITECTURE, Block, InvalidRow
from ctnas.labels.decisions import decision_columns, read_decisions
from ctnas.labels.streams import table_name
from ctnas.labels.tables import read_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnas.spaces import SearchSpace

CHUNK_ROWS = 65_536
"""How many rows `iterate_architectures` reads at once."""


@dataclass(frozen=True, slots=True)
class ArchitectureChunk:
    """Consecutive architectures of a file.

    Attributes:
        architectures: N architectures.
        rows: int64 [N], where each stands in the file, counted from 1; in a CSV file row 1 is the
            header.
    """

    architectures: ArchitectureBatch
    rows: Int64Array

    def __len__(self) -> int:
        return len(self.rows)


def iterate_architectures(
    path: str | Path,
    space: SearchSpace,
    *,
    on_invalid: Callable[[InvalidRow], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator[ArchitectureChunk]:
    """Read the column `architecture` of a table piece by piece, in bounded memory.

    Args:
        path: a `.csv`, `.parquet` or `.jsonl` file, a URI of one, or `-` for standard input. A
            Parquet file without texts may hold decisions; see `decision_columns`.
        space: the space whose text form the architectures are written in.
        on_invalid: gets every row that is unusable, in order, and the row is left out; without it
            the first such row is an error.
        chunk_rows: how many rows to read at once.

    Yields:
        Chunks in the order of the file; none is empty.

    Raises:
        InputFileError: if the file is missing or unreadable.
        LabelError: if it is not a table with such a column.
        ArchitectureError: naming file, row, text and what is wrong.
    """
    path = checked_path("path", path)
    columns = decision_columns(path, space)
    name = table_name(str(path))
    for block in read_blocks(path, columns or [ARCHITECTURE], chunk_rows):
        if columns:
            batch, rows, invalid = read_decisions(name, space, block)
            chunk = ArchitectureChunk(batch, rows)
        else:
            chunk, invalid = parse_block(name, space, block)
        for row in sorted(invalid, key=lambda row: row.row):
            if on_invalid is None:
                raise ArchitectureError(str(row))
            on_invalid(row)
        if len(chunk):
            yield chunk


def read_architectures(
    path: str | Path,
    space: SearchSpace,
    *,
    on_invalid: Callable[[InvalidRow], None] | None = None,
) -> ArchitectureBatch:
    """Read the column `architecture` of a table as a whole.

    Arguments and errors are those of `iterate_architectures`.

    Raises:
        LabelError: also if the file has no architecture that can be used.
    """
    chunks = iterate_architectures(path, space, on_invalid=on_invalid)
    batches = [chunk.architectures for chunk in chunks]
    if not batches:
        raise LabelError(f"{path} has no architectures")
    return ArchitectureBatch.concatenate(batches)


def parse_block(
    path: str | Path, space: SearchSpace, block: Block
) -> tuple[ArchitectureChunk, list[InvalidRow]]:
    """Parse the architectures of a block; also return the rows that are unusable."""
    texts = block.columns.get(ARCHITECTURE, [])
    try:
        if _are_texts(texts):
            return ArchitectureChunk(space.parse(texts), block.rows), [*block.malformed]
    except ArchitectureError:
        # Some row is at fault: go through them one by one.
        return _parse_one_by_one(path, space, block)
    return _parse_one_by_one(path, space, block)


def _are_texts(column: Any) -> bool:
    """Return whether a column, a list or an Arrow array, holds a text in every cell."""
    if isinstance(column, list):
        return all(isinstance(text, str) for text in column)
    from pyarrow import types

    is_text = types.is_string(column.type) or types.is_large_string(column.type)
    return is_text and not column.null_count


def _parse_one_by_one(
    path: str | Path, space: SearchSpace, block: Block
) -> tuple[ArchitectureChunk, list[InvalidRow]]:
    invalid = [*block.malformed]
    good: list[ArchitectureBatch] = [space.parse([])]
    rows: list[int] = []
    for row, text in zip(block.rows.tolist(), block.cells[ARCHITECTURE], strict=True):
        if not isinstance(text, str):
            reason = "no architecture" if text is None else "the architecture is not a text"
            invalid.append(InvalidRow(str(path), row, "" if text is None else str(text), reason))
            continue
        try:
            good.append(space.parse([text]))
            rows.append(row)
        except ArchitectureError as error:
            reason = str(error).removeprefix("row 1: ")
            invalid.append(InvalidRow(str(path), row, text, reason))
    chunk = ArchitectureChunk(ArchitectureBatch.concatenate(good), np.array(rows, dtype=np.int64))
    return chunk, invalid
