from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ctnas.errors import LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import NasBench101Space

Arrays = dict[str, NDArray[Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.npz"


@pytest.fixture
def arrays(nasbench101: NasBench101Space) -> Arrays:
    """Twenty cells in the layout of the published arrays."""
    batch = nasbench101.sample(20, seed=0)
    cells = nasbench101.to_matrix(batch)
    adjacency = np.zeros((20, 7, 7), dtype=np.int8)
    operations = np.full((20, 5), -1, dtype=np.int8)
    names = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"]
    for row, (matrix, listed) in enumerate(cells):
        adjacency[row, : len(matrix), : len(matrix)] = matrix
        operations[row, : len(matrix) - 2] = [names.index(name) for name in listed[1:-1]]
    digests = [list(bytes.fromhex(digest)) for digest in nasbench101.hashes(batch)]
    return {
        "hash": np.array(digests, dtype=np.uint8),
        "adjacency": adjacency,
        "operations": operations,
        "num_vertices": np.array([len(matrix) for matrix, _ in cells], dtype=np.int8),
        "trainable_parameters": np.arange(20),
        "accuracy": np.arange(20) / 32,
    }


def read(path: Path, arrays: Arrays, metric: str | None = None) -> LabelSet:
    np.savez(path, **arrays)
    return LabelSet.read(path, NasBench101Space(), metric)


def test_arrays_give_the_cells_and_the_only_metric(
    path: Path, arrays: Arrays, nasbench101: NasBench101Space
) -> None:
    labels = read(path, arrays)
    assert labels.metric == "accuracy"
    assert labels.values.tolist() == [number / 32 for number in range(20)]
    assert labels.architectures == nasbench101.sample(20, seed=0)


def test_metric_must_be_named_where_there_are_several(path: Path, arrays: Arrays) -> None:
    arrays["top5"] = -arrays["accuracy"]
    with pytest.raises(LabelError, match="must be named: numeric arrays are accuracy, top5"):
        read(path, arrays)
    assert read(path, arrays, "top5").values[3] == -3 / 32
    with pytest.raises(LabelError, match="no metric 'acc'; its other arrays are trainable_par"):
        read(path, arrays, "acc")


@pytest.mark.parametrize(
    ("name", "at", "value", "message"),
    [
        ("adjacency", (0, 1), 2, "adjacency is not 0 or 1"),
        ("adjacency", (3, 1), 1, "adjacency is not strictly upper triangular"),
        ("num_vertices", (), 8, r"num_vertices is not in 2\.\.7"),
        ("num_vertices", (), 1, r"num_vertices is not in 2\.\.7"),
        ("operations", (0,), 3, "an operation of a vertex is unknown"),
        ("operations", (0,), -1, "an operation of a vertex is unknown"),
        ("hash", (0,), 1, "the hash of this cell is [0-9a-f]{32}, not 01"),
        ("accuracy", (), float("nan"), "accuracy is not a finite number"),
    ],
)
def test_row_that_is_unusable_is_named(
    path: Path, arrays: Arrays, name: str, at: tuple[int, ...], value: float, message: str
) -> None:
    arrays[name][(12, *at)] = value
    with pytest.raises(LabelError, match=f"cells.npz, row 13: {message}"):
        read(path, arrays)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("hash", np.zeros((20, 16)), r"must be uint8 \[20, 16\], not float64 \[20, 16\]"),
        ("operations", np.zeros((20, 5)), r"must be integers \[20, 5\], not float64 \[20, 5\]"),
        ("num_vertices", np.zeros(3, int), r"must be integers \[20\], not int64 \[3\]"),
        ("hash", np.uint8(3), r"must be uint8 \[0, 16\], not uint8 \[\]"),
    ],
)
def test_array_of_another_form_is_named(
    path: Path, arrays: Arrays, name: str, value: Any, message: str
) -> None:
    with pytest.raises(LabelError, match=f"array '{name}' {message}"):
        read(path, arrays | {name: value})


def test_file_that_is_cut_or_changed_is_refused(path: Path, arrays: Arrays) -> None:
    read(path, arrays)
    whole = path.read_bytes()
    for wrong in (whole[:-50], whole[: len(whole) // 2], b"", b"PK\x03\x04", b"\x80\x04N."):
        path.write_bytes(wrong)
        with pytest.raises(LabelError, match="is not a file of arrays"):
            LabelSet.read(path, NasBench101Space())
    # In the data of the first array.
    path.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    with pytest.raises(LabelError, match=r"is not a file of arrays: Bad CRC-32"):
        LabelSet.read(path, NasBench101Space())


def test_pickled_objects_are_not_loaded(path: Path, arrays: Arrays) -> None:
    with pytest.raises(LabelError, match="is not a file of arrays: Object arrays cannot be loaded"):
        read(path, arrays | {"accuracy": np.array([None] * 20)})
