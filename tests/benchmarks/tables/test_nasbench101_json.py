import json
from pathlib import Path
from typing import Any

import pytest

from ctnas.benchmarks.tables.json_array import read_json_objects
from ctnas.errors import LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import NasBench101Space


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nas_bench.json"


@pytest.fixture
def good(nasbench101: NasBench101Space) -> list[dict[str, Any]]:
    """Twenty cells in the layout of the method's authors."""
    batch = nasbench101.sample(20, seed=0)
    cells = zip(nasbench101.to_matrix(batch), nasbench101.hashes(batch), strict=True)
    return [
        {
            "matrix": matrix.tolist(),
            "ops": operations,
            "validation_accuracy": number / 32,
            "hash_": digest,
        }
        for number, ((matrix, operations), digest) in enumerate(cells)
    ]


def read(path: Path, cells: object, metric: str | None = None) -> LabelSet:
    path.write_text(json.dumps(cells))
    return LabelSet.read(path, NasBench101Space(), metric)


def test_only_metric_need_not_be_named(path: Path, good: list[dict[str, Any]]) -> None:
    labels = read(path, good)
    assert labels.metric == "validation_accuracy"
    assert labels.values.tolist() == [number / 32 for number in range(20)]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("matrix", [[0, 1], [0]], r"a square list of rows, not \[\[0, 1\], \[0\]\]"),
        ("matrix", "011", "a square list of rows, not '011'"),
        ("matrix", [[0, 2], [0, 0]], "as the 0 and 1 of 2 to 7 rows, not '0200'"),
        ("ops", "input", "operations are a list of names, not 'input'"),
        ("ops", ["output"], "operations start with 'input' and end with 'output'"),
        ("hash_", 5, "5 is no MD5 hash in hex"),
        ("hash_", "zz", "'zz' is no MD5 hash in hex"),
        ("validation_accuracy", True, "validation_accuracy is True, not a number"),
        ("validation_accuracy", None, "validation_accuracy is None, not a number"),
        # JSON has no such number.
        ("validation_accuracy", float("inf"), "the file is truncated or corrupt: "),
    ],
)
def test_cell_that_is_unusable_is_named_by_its_number(
    path: Path, good: list[dict[str, Any]], key: str, value: object, message: str
) -> None:
    good[12][key] = value
    with pytest.raises(LabelError, match=f"nas_bench.json, object 13: .*{message}"):
        read(path, good)


def test_missing_entry_is_named(path: Path, good: list[dict[str, Any]]) -> None:
    del good[3]["ops"]
    with pytest.raises(LabelError, match="object 4: it has no 'ops'"):
        read(path, good)
    with pytest.raises(LabelError, match="object 1: a cell has a 'hash_' or 'runs_108_epochs', no"):
        read(path, [{"matrix": 1}])


def test_cell_that_appears_twice_is_refused(path: Path, good: list[dict[str, Any]]) -> None:
    with pytest.raises(LabelError, match=f"objects 8 and 21 are the same cell {good[7]['hash_']}"):
        read(path, [*good, good[7]])


def test_runs_must_be_a_list_of_objects(path: Path, good: list[dict[str, Any]]) -> None:
    cell = good[0]
    record = {
        "module_hash": cell["hash_"],
        "module_adjacency": cell["matrix"],
        "module_operations": cell["ops"],
    }
    for runs, message in [
        ([], r"runs_108_epochs must be a list of objects, not \[\]"),
        ([{"final_train_accuracy": 1}], "it has no 'final_test_accuracy'"),
    ]:
        with pytest.raises(LabelError, match=f"object 1: {message}"):
            read(path, [record | {"runs_108_epochs": runs}], "test_accuracy")


def test_objects_come_one_by_one_with_or_without_a_byte_order_mark(path: Path) -> None:
    objects = [{"a": [1, 2.5, "x, ]}"]}, {}, {"ü": {"b": None}}]
    text = json.dumps(objects, indent=1, ensure_ascii=False)
    for before in ("", "\ufeff", "\ufeff ", " " * 3):
        path.write_text(f"{before}{text}\n ")
        assert list(read_json_objects(path)) == objects
    path.write_text(" [ ] ")
    assert list(read_json_objects(path)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "object 1: the file is truncated or corrupt"),
        ('{"a": 1}', "is not a JSON list of objects"),
        ("[", "object 1: the file is truncated or corrupt"),
        ("[1]", "object 1: it is not a JSON object"),
        ("[{},]", "object 2: the file is truncated or corrupt"),
        ('[{"a": 1}', "object 2: the file is truncated or corrupt"),
        ('[{"a": 1} {}]', "object 2: the file is truncated or corrupt"),
        ('[{}, {"a": 1', "object 2: the file is truncated or corrupt"),
        ('[{}, {"a" 1}]', "object 2: the file is truncated or corrupt"),
        ("[{}] x", "object 2: the file is truncated or corrupt"),
        ('[{"a": ' + "[" * 100_000, "object 1: the file is truncated or corrupt"),
    ],
)
def test_file_that_is_no_list_of_objects_is_refused(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(LabelError) as caught:
        list(read_json_objects(path))
    assert message in str(caught.value)


def test_text_that_is_not_utf_8_is_refused(path: Path, nasbench101: NasBench101Space) -> None:
    path.write_bytes(b'[{"a": "\xff"}]')
    with pytest.raises(LabelError, match="its text is not UTF-8"):
        LabelSet.read(path, nasbench101)


def test_empty_list_has_no_labels(path: Path) -> None:
    with pytest.raises(LabelError, match="has no labels"):
        read(path, [])
