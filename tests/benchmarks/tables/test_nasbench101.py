import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctnas.errors import InputFileError, LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import NasBench101Space, NasBench201Space

from .official_records import Cell, evaluation, frame, payload

ACCURACIES = ("train_accuracy", "validation_accuracy", "test_accuracy")
RUN = {
    f"{stage}_{name}": 0.5
    for stage in ("halfway", "final")
    for name in ("training_time", *ACCURACIES)
}


def cell_of(operation: str) -> Cell:
    """One operation between input and output, and a shortcut around it."""
    matrix, operations = [[0, 1, 1], [0, 0, 1], [0, 0, 0]], ["input", operation, "output"]
    space = NasBench101Space()
    return {
        "module_hash": space.hashes(space.from_matrix(matrix, operations))[0],
        "module_adjacency": matrix,
        "module_operations": operations,
        "trainable_parameters": 1000,
    }


@pytest.fixture
def small() -> Cell:
    return cell_of("conv3x3-bn-relu")


def write_tfrecord(path: Path, *payloads: bytes) -> Path:
    path.write_bytes(b"".join(map(frame, payloads)))
    return path


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def hashes(labels: LabelSet) -> list[str]:
    assert isinstance(labels.space, NasBench101Space)
    return labels.space.hashes(labels.architectures)


@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_official_file_gives_the_mean_of_all_runs(
    official_file: Path, official: list[Cell], nasbench101: NasBench101Space, accuracy: str
) -> None:
    labels = LabelSet.read(official_file, nasbench101, accuracy)
    assert labels.metric == accuracy
    assert hashes(labels) == [cell["module_hash"] for cell in official]
    runs = [[run[f"final_{accuracy}"] for run in cell["runs_108_epochs"]] for cell in official]
    np.testing.assert_allclose(labels.values, [sum(run) / 3 for run in runs], rtol=1e-15)


@pytest.mark.parametrize("accuracy", ACCURACIES)
@pytest.mark.parametrize("run", [0, 1, 2])
def test_official_file_gives_a_run_that_is_named(
    official_file: Path,
    official: list[Cell],
    nasbench101: NasBench101Space,
    accuracy: str,
    run: int,
) -> None:
    labels = LabelSet.read(official_file, nasbench101, f"{accuracy}_run{run}")
    assert labels.metric == f"{accuracy}_run{run}"
    assert hashes(labels) == [cell["module_hash"] for cell in official]
    expected = [cell["runs_108_epochs"][run][f"final_{accuracy}"] for cell in official]
    assert labels.values.tolist() == expected


def test_official_file_gives_the_cells_of_the_records(
    official_file: Path, official: list[Cell], nasbench101: NasBench101Space
) -> None:
    labels = LabelSet.read(official_file, nasbench101, "test_accuracy")
    for (matrix, operations), cell in zip(
        nasbench101.to_matrix(labels.architectures), official, strict=True
    ):
        assert matrix.tolist() == cell["module_adjacency"]
        assert operations == cell["module_operations"]


@pytest.mark.parametrize("metric", ["test_accuracy", "validation_accuracy_run2"])
def test_complete_records_in_json_give_the_same_labels(
    official_file: Path,
    published_data: Callable[[str], Path],
    nasbench101: NasBench101Space,
    metric: str,
) -> None:
    path = published_data("nasbench101_official_records.json")
    labels = LabelSet.read(path, nasbench101, metric)
    expected = LabelSet.read(official_file, nasbench101, metric)
    assert labels.metric == metric
    assert labels.architectures == expected.architectures
    assert labels.values.tolist() == expected.values.tolist()


@pytest.fixture
def some_arrays(
    tmp_path: Path, published_data: Callable[[str], Path], official: list[Cell]
) -> Path:
    """The published arrays, but only the complete records and every hundredth cell."""
    with np.load(published_data("nasbench101.npz")) as archive:
        row = {digest.tobytes().hex(): at for at, digest in enumerate(archive["hash"])}
        rows = {row[cell["module_hash"]] for cell in official} | set(range(0, len(row), 100))
        arrays = {name: archive[name][sorted(rows)] for name in archive.files}
    np.savez(tmp_path / "some.npz", **arrays)
    return tmp_path / "some.npz"


def test_arrays_agree_with_the_complete_records(
    some_arrays: Path, official: list[Cell], nasbench101: NasBench101Space
) -> None:
    labels = LabelSet.read(some_arrays, nasbench101)
    assert labels.metric == "test_accuracy_run0"
    row = {digest: at for at, digest in enumerate(hashes(labels))}
    rows = [row[cell["module_hash"]] for cell in official]
    expected = [cell["runs_108_epochs"][0]["final_test_accuracy"] for cell in official]
    assert labels.values[rows].tolist() == expected
    costs = nasbench101.costs(labels.architectures[rows])
    assert costs is not None
    assert costs.parameters.tolist() == [cell["trainable_parameters"] for cell in official]


@pytest.mark.slow
def test_arrays_of_the_whole_space_are_all_of_its_cells_in_order(
    published_data: Callable[[str], Path], nasbench101: NasBench101Space
) -> None:
    labels = LabelSet.read(published_data("nasbench101.npz"), nasbench101)
    assert labels.architectures == nasbench101.enumerate()


def flat(cell: Cell) -> dict[str, Any]:
    """A cell in the layout of the method's authors."""
    run = cell["runs_108_epochs"][1]
    return {
        "matrix": cell["module_adjacency"],
        "ops": cell["module_operations"],
        "n_params": cell["trainable_parameters"],
        "training_time": run["final_training_time"],
        **{accuracy: run[f"final_{accuracy}"] for accuracy in ACCURACIES},
        "hash_": cell["module_hash"],
        "rank": None,
    }


@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_file_of_the_authors_gives_the_metric_that_is_named(
    tmp_path: Path, official: list[Cell], nasbench101: NasBench101Space, accuracy: str
) -> None:
    path = write_json(tmp_path / "nas_bench.json", [flat(cell) for cell in official])
    labels = LabelSet.read(path, nasbench101, accuracy)
    assert labels.metric == accuracy
    assert hashes(labels) == [cell["module_hash"] for cell in official]
    expected = [cell["runs_108_epochs"][1][f"final_{accuracy}"] for cell in official]
    assert labels.values.tolist() == expected


def test_files_are_known_by_content_where_the_name_says_nothing(
    tmp_path: Path, official_file: Path, official: list[Cell], nasbench101: NasBench101Space
) -> None:
    bare = official_file.rename(tmp_path / "nasbench_only108")
    assert len(LabelSet.read(bare, nasbench101, "test_accuracy")) == 52
    bare = write_json(tmp_path / "nas_bench", [flat(cell) for cell in official])
    assert len(LabelSet.read(bare, nasbench101, "test_accuracy")) == 52
    digests = [list(bytes.fromhex(cell["module_hash"])) for cell in official[:1]]
    with (tmp_path / "arrays").open("wb") as stream:
        np.savez(stream, hash=np.array(digests, dtype=np.uint8))
    with pytest.raises(LabelError, match="has no array 'adjacency'; its arrays are hash"):
        LabelSet.read(tmp_path / "arrays", nasbench101)


def test_validation_and_test_are_never_taken_one_for_the_other(
    official_file: Path, tmp_path: Path, official: list[Cell], nasbench101: NasBench101Space
) -> None:
    known = "validation_accuracy, test_accuracy, train_accuracy"
    for path in (official_file, write_json(tmp_path / "a.json", official)):
        with pytest.raises(LabelError, match=f"the metric must be named: {known}"):
            LabelSet.read(path, nasbench101)
        with pytest.raises(LabelError, match=f"has no metric 'accuracy'; its metrics are {known}"):
            LabelSet.read(path, nasbench101, "accuracy")
    path = write_json(tmp_path / "b.json", [flat(cell) for cell in official])
    known = "train_accuracy, validation_accuracy, test_accuracy"
    with pytest.raises(LabelError, match=f"the metric must be named: a cell has {known}"):
        LabelSet.read(path, nasbench101)
    with pytest.raises(LabelError, match=f"no metric 'test_accuracy_run0'; a cell has .*{known}"):
        LabelSet.read(path, nasbench101, "test_accuracy_run0")


def test_space_must_be_that_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="has cells of space 'nasbench101', not of 'nasbench201'"):
        LabelSet.read(tmp_path / "a.tfrecord", NasBench201Space(), "test_accuracy")


@pytest.mark.parametrize("name", ["a.tfrecord", "a.json", "a.npz"])
def test_missing_file_is_named(tmp_path: Path, nasbench101: NasBench101Space, name: str) -> None:
    with pytest.raises(InputFileError, match=f"cannot read '.*{name}': No such file"):
        LabelSet.read(tmp_path / name, nasbench101, "test_accuracy")


def test_missing_and_unequal_runs_are_refused(
    tmp_path: Path, official: list[Cell], nasbench101: NasBench101Space
) -> None:
    payloads = [payload(cell, run) for cell in official for run in cell["runs_108_epochs"]]
    path = write_tfrecord(tmp_path / "a.tfrecord", *payloads[:-1])
    begin = sum(len(frame(one)) for one in payloads[:-3])
    place = f"byte {begin}: cell {official[-1]['module_hash']}"
    with pytest.raises(LabelError, match=f"{place} has 2 of 3 runs, .*; name a run"):
        LabelSet.read(path, nasbench101, "test_accuracy")
    with pytest.raises(LabelError, match=f"{place} has no run 2, but 2, counted from 0"):
        LabelSet.read(path, nasbench101, "test_accuracy_run2")
    assert len(LabelSet.read(path, nasbench101, "test_accuracy_run1")) == 52


def edited(position: int, value: object) -> Callable[[bytes], bytes]:
    """Replace one field of a record."""

    def edit(record: bytes) -> bytes:
        fields = json.loads(record)
        fields[position] = value
        return json.dumps(fields).encode()

    return edit


def with_metrics(message: bytes) -> Callable[[bytes], bytes]:
    return edited(4, b64encode(message).decode())


HALF = evaluation(54.0, 1.0, [0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda _: b"not JSON", "it is not JSON: Expecting value"),
        (lambda _: b"\x80 not text", "it is not JSON: 'utf-8'"),
        (lambda _: b"[" * 100_000, "it is not JSON: maximum recursion"),
        (lambda _: b"[1, 2]", r"it is not a list of .*operations and metrics, but \[1, 2\]"),
        (edited(1, "108"), "it is not a list of hash, epochs, adjacency, operations and metrics"),
        (edited(0, "abcd"), "'abcd' is no MD5 hash in hex"),
        (edited(0, "0" * 32), "the hash of this cell is [0-9a-f]{32}, not 0{32}"),
        (edited(2, "0110010"), "as the 0 and 1 of 2 to 7 rows, not '0110010'"),
        (edited(2, "011001002"), "as the 0 and 1 of 2 to 7 rows, not '011001002'"),
        (edited(2, "011101000"), "strictly upper triangular, so that there is no cycle"),
        (edited(2, "000001000"), "on no path from the input to the output"),
        (edited(3, "input,conv5x5,output"), "unknown operation 'conv5x5'; allowed are conv3x3"),
        (edited(3, "input,output"), "3 vertices need as many operations, not 2"),
        (edited(4, "!"), "its metrics cannot be decoded"),
        (with_metrics(b"\x0a\x7f\x01"), "its metrics cannot be decoded"),
        (with_metrics(HALF + HALF), "it has 2 evaluations: the final one is missing"),
        (with_metrics(HALF + HALF + b"\x0a\x00"), "its final evaluation has no test_accuracy"),
        (
            with_metrics(HALF + HALF + evaluation(108.0, 1.0, [0.5, 0.5, float("nan")])),
            "the label is nan, not a finite number",
        ),
    ],
)
def test_record_that_is_unusable_is_named_by_its_byte(
    tmp_path: Path,
    nasbench101: NasBench101Space,
    small: Cell,
    edit: Callable[[bytes], bytes],
    message: str,
) -> None:
    good = payload(cell_of("maxpool3x3"), RUN)
    path = write_tfrecord(tmp_path / "a.tfrecord", good, edit(payload(small, RUN)))
    with pytest.raises(LabelError, match=rf"byte {len(frame(good))}: .*{message}"):
        LabelSet.read(path, nasbench101, "test_accuracy", minimum=1)


def test_hash_that_stands_for_two_cells_is_refused(
    tmp_path: Path, nasbench101: NasBench101Space, small: Cell
) -> None:
    good = payload(small, RUN)
    other = edited(3, "input,maxpool3x3,output")(good)
    path = write_tfrecord(tmp_path / "a.tfrecord", good, other)
    message = rf"byte {len(frame(good))}: this is another cell than at byte 0, with the same hash"
    with pytest.raises(LabelError, match=message):
        LabelSet.read(path, nasbench101, "test_accuracy", minimum=1)


def test_file_without_final_runs_has_no_labels(
    tmp_path: Path, nasbench101: NasBench101Space, small: Cell
) -> None:
    path = write_tfrecord(tmp_path / "a.tfrecord", payload(small, RUN, epochs=36))
    with pytest.raises(LabelError, match="has no labels"):
        LabelSet.read(path, nasbench101, "test_accuracy")
    (tmp_path / "b.tfrecord").touch()
    with pytest.raises(LabelError, match="has no labels"):
        LabelSet.read(tmp_path / "b.tfrecord", nasbench101, "test_accuracy")


def test_few_labels_are_refused(tmp_path: Path, nasbench101: NasBench101Space, small: Cell) -> None:
    path = write_tfrecord(tmp_path / "a.tfrecord", payload(small, RUN))
    with pytest.raises(LabelError, match="at least 10 labels are needed, not 1"):
        LabelSet.read(path, nasbench101, "test_accuracy")


def test_dead_vertices_are_removed(
    tmp_path: Path, nasbench101: NasBench101Space, small: Cell
) -> None:
    # Vertex 2 leads nowhere.
    matrix = [[0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    operations = ["input", "conv3x3-bn-relu", "maxpool3x3", "output"]
    cell = small | {"module_adjacency": matrix, "module_operations": operations}
    path = write_tfrecord(tmp_path / "a.tfrecord", payload(cell, RUN))
    labels = LabelSet.read(path, nasbench101, "test_accuracy", minimum=1)
    assert hashes(labels) == [small["module_hash"]]
