"""Finds and reads the benchmark files."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ctnas.benchmarks.paper.benchmark import Benchmark
from ctnas.errors import InputFileError
from ctnas.labels import LabelSet
from ctnas.spaces import get_space

VARIABLE = "CTNAS_DATA"
BESIDE = Path("../shared/data")

ARRAYS = "nasbench101.npz"
RECORDS = "nasbench_only108.tfrecord"
NASBENCH101_FILES = (RECORDS, ARRAYS, "nas_bench.json")
NASBENCH201_FILES = ("nasbench201_cifar10.csv",)


@cache
def nasbench101(data: Path | None) -> Benchmark:
    """Read NAS-Bench-101 from the official file, from the authors' or from arrays.

    Raises:
        InputFileError: if there is no such file.
        LabelError: if it cannot be used, or is not complete.
    """
    path = _find(data, NASBENCH101_FILES)
    space = get_space("nasbench101")
    if path.suffix == ".npz":
        labels = LabelSet.read(path, space, "test_accuracy_run0")
        note = "queried and judged by the test accuracy of one training run"
        return Benchmark(labels, labels, 100.0, path.name, note)
    queried = LabelSet.read(path, space, "validation_accuracy")
    judged = LabelSet.read(path, space, "test_accuracy")
    percent = 100.0 if judged.values.max() <= 1 else 1.0
    note = "queried by validation accuracy, judged by test accuracy, both means of all runs"
    return Benchmark(queried, judged, percent, path.name, note)


@cache
def nasbench201(data: Path | None) -> Benchmark:
    """Read NAS-Bench-201, CIFAR-10, from a table.

    Raises:
        InputFileError: if there is no such file.
        LabelError: if it cannot be used, or is not complete.
    """
    path = _find(data, NASBENCH201_FILES)
    space = get_space("nasbench201")
    queried = LabelSet.read(path, space, "cifar10_valid_accuracy")
    judged = LabelSet.read(path, space, "cifar10_test_accuracy")
    note = "queried by validation accuracy, judged by test accuracy, both means over the seeds"
    return Benchmark(queried, judged, 1.0, path.name, note)


def _find(data: Path | None, names: tuple[str, ...]) -> Path:
    """Return the first of the files that exists in the folder, or the file that was named."""
    place = data or _default()
    if place.is_file():
        return place
    for name in names:
        if (place / name).is_file():
            return place / name
    raise InputFileError(f"no {' or '.join(names)} at {str(place)!r}; --data names file or folder")


def _default() -> Path:
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if BESIDE.is_dir():
        return BESIDE
    raise InputFileError(
        f"no benchmark data: name their folder by --data or the environment variable {VARIABLE}"
    )
