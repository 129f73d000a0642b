"""How `ctnas-rank` shows and writes rankings."""

from __future__ import annotations

import csv
import os
import sys
from typing import TYPE_CHECKING, Any

from ctnas.app.atomic import replacing
from ctnas.errors import OutputError
from ctnas.labels.tables import write_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctnas.comparator.separable import Prediction
    from ctnas.ranking import RankedRows


def _columns(
    ranked: RankedRows, predicted: Prediction | None, *, with_files: bool
) -> dict[str, Any]:
    """Return the columns of a ranking, the name of the file only where there are several."""
    files = {"file": ranked.files} if with_files else {}
    return {
        "rank": range(1, len(ranked.rows) + 1),
        **files,
        "row": ranked.rows,
        "win_probability": ranked.win_probability,
        **({} if predicted is None else predicted._asdict()),
        "architecture": ranked.architectures,
    }


def print_ranking(
    ranked: RankedRows, predicted: Prediction | None = None, *, with_files: bool
) -> None:
    """Write a CSV table to standard output; a reader that has seen enough ends it.

    Raises:
        OutputError: if it cannot be written.
    """
    columns = _columns(ranked, predicted, with_files=with_files)
    columns["win_probability"] = [f"{won:.6f}" for won in ranked.win_probability]
    for name in () if predicted is None else predicted._fields:
        columns[name] = [f"{value:.6g}" for value in columns[name]]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    try:
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would fail again when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"cannot write standard output: {error.strerror}") from None


def write_ranking(
    path: Path, ranked: RankedRows, predicted: Prediction | None = None, *, with_files: bool
) -> None:
    """Write a ranking as a CSV or Parquet file, atomically.

    Raises:
        OutputError: if it cannot be written.
    """
    write_table(path, _columns(ranked, predicted, with_files=with_files))


def write_scores(path: Path, pieces: Iterator[RankedRows]) -> None:
    """Write file, row, win probability and text of all candidates as Parquet, atomically.

    Raises:
        OutputError: if the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            ("file", pa.dictionary(pa.int32(), pa.string())),
            ("row", pa.int64()),
            ("win_probability", pa.float64()),
            ("architecture", pa.string()),
        ]
    )
    with (
        replacing(path) as temporary,
        temporary.open("wb") as stream,
        parquet.ParquetWriter(stream, schema) as writer,
    ):
        for piece in pieces:
            columns = (piece.files, piece.rows, piece.win_probability, piece.architectures)
            table = pa.table(
                [
                    pa.array(cells).cast(kind)
                    for cells, kind in zip(columns, schema.types, strict=True)
                ],
                schema=schema,
            )
            writer.write_table(table)
