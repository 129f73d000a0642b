"""Labels from the published files of NAS-Bench-101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.tables.nasbench101_arrays import read_arrays
from ctnas.benchmarks.tables.nasbench101_cells import CellCollector
from ctnas.benchmarks.tables.nasbench101_json import holds_cells, read_json
from ctnas.benchmarks.tables.nasbench101_metric import RunMetric
from ctnas.benchmarks.tables.nasbench101_record import decode_record
from ctnas.benchmarks.tables.nasbench101_text import cell_bytes, digest_bytes
from ctnas.benchmarks.tables.tfrecord import read_tfrecord, starts_like_tfrecord
from ctnas.errors import ArchitectureError, InputFileError, LabelError
from ctnas.labels.label_set import LabelSet
from ctnas.spaces.nasbench101.space import NasBench101Space

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    from ctnas.benchmarks.tables.nasbench101_cells import MeasuredCells
    from ctnas.labels.label_tables import LabelChoice
    from ctnas.spaces import SearchSpace

    Reader: TypeAlias = Callable[[Path, str | None], tuple[MeasuredCells, str]]
    """Takes a file and a metric; returns one measurement of each cell and the metric's name."""

EPOCHS = 108
"""Of the training budgets of the benchmark the one that is read."""

_HEAD_BYTES = 12
_ZIP = b"PK\x03\x04"
_TABLES = {".csv", ".parquet", ".jsonl"}


def nasbench101_reader(path: Path) -> Reader | None:
    """Return what reads a published file of NAS-Bench-101; None if `path` is not one.

    Files are known by the names `.tfrecord`, `.json` and `.npz`; one whose name says nothing is
    known by its first bytes.
    """
    suffix = path.suffix.lower()
    if suffix == ".json" and not holds_cells(path):
        return None
    by_name: dict[str, Reader] = {
        ".tfrecord": read_records,
        ".json": read_json,
        ".npz": read_arrays,
    }
    if suffix in by_name or suffix in _TABLES:
        return by_name.get(suffix)
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return None
    if head.startswith(_ZIP):
        return read_arrays
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        return read_json
    return read_records if starts_like_tfrecord(head) else None


def read_nasbench101(path: Path, space: SearchSpace, choice: LabelChoice) -> LabelSet | None:
    """Read a published file as a label set; choice and errors are those of `LabelSet.read`.

    Returns:
        The labels; None if it is no such file.
    """
    reader = nasbench101_reader(path)
    if reader is None:
        return None
    if not isinstance(space, NasBench101Space):
        raise LabelError(f"{path} has cells of space 'nasbench101', not of {space.name!r}")
    try:
        cells, name = reader(path, choice.metric)
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise LabelError(f"{path} is not JSON: its text is not UTF-8") from None
    minimum = max(choice.minimum, 1)
    if len(cells) < minimum:
        raise LabelError(f"{path}: at least {minimum} labels are needed, not {len(cells)}")
    return LabelSet(space, cells.architectures(space), cells.values, name, minimize=choice.minimize)


def read_records(path: Path, metric: str | None) -> tuple[MeasuredCells, str]:
    """Read the official TFRecord file: the final evaluations of the runs of `EPOCHS` epochs."""
    chosen = RunMetric.parse(path, metric)
    collector = CellCollector(path, "byte")
    for start, payload in read_tfrecord(path):
        try:
            run = decode_record(payload)
            if run.epochs == EPOCHS:
                collector.add(
                    start,
                    digest_bytes(run.digest),
                    cell_bytes(run.matrix, run.operations),
                    run.accuracy(chosen.accuracy),
                )
        except (ArchitectureError, LabelError) as error:
            raise LabelError(f"{path}, record at byte {start}: {error}") from None
    return collector.collected().of_run(chosen.run), str(chosen)
