import json
import pickle
from collections import OrderedDict
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctnas.benchmarks.tables.plain_pickle import PickledRecord, read_plain_pickle
from ctnas.errors import InputFileError, LabelError


class Foreign:
    """A class whose objects run code when they are made."""

    made = 0

    def __init__(self) -> None:
        self.accuracy = 0.5
        self.inner = {"list": [1, 2]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Foreign.made += 1
        self.__dict__.update(state)


class Attack:
    """Runs a command in whoever unpickles it without care."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.witness,)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.bench"


def written(path: Path, value: object, protocol: int = pickle.HIGHEST_PROTOCOL) -> Path:
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_comes_back(path: Path, protocol: int) -> None:
    value = {"a": [1, 2.5, None, True], (1, 2): {"b", "c"}, 3: b"bytes"}
    if protocol == 2:
        # Before protocol 3 and 4 bytes and sets are made by functions.
        value = {"a": [1, 2.5, None, True], (1, 2): "text"}
    elif protocol == 3:
        value = {"a": [1, 2.5, None, True], 3: b"bytes"}
    assert read_plain_pickle(written(path, value, protocol)) == value


@pytest.mark.parametrize(
    "number",
    [np.float64(1 / 3), np.float32(0.1), np.int64(-5), np.int32(7)],
)
def test_numbers_of_numpy_come_back_as_plain_ones(path: Path, number: np.generic) -> None:
    value = read_plain_pickle(written(path, [number]))
    assert value == [number.item()]
    assert type(value[0]) in {float, int}


def test_numbers_keep_their_byte_order(path: Path) -> None:
    # The dtype pickles itself as little endian only where it is.
    swapped = pickle.dumps(np.float64(0.5)).replace(b"\x8c\x01<", b"\x8c\x01>")
    path.write_bytes(swapped.replace(np.float64(0.5).tobytes(), np.array(0.5, ">f8").tobytes()))
    assert read_plain_pickle(path) == 0.5


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (OrderedDict(a=1), "collections.OrderedDict"),
        (Decimal("0.5"), "decimal.Decimal"),
        (np.zeros(3), "numpy._core.(multiarray|numeric)._(reconstruct|frombuffer)"),
        (print, "builtins.print"),
        (json.loads, "json.loads"),
    ],
)
def test_whatever_else_is_named_is_refused_by_name(path: Path, value: object, name: str) -> None:
    with pytest.raises(LabelError, match=f"names {name}, which is not read: only numbers, text"):
        read_plain_pickle(written(path, value))


def test_nothing_is_run(path: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    with pytest.raises(LabelError, match="which is not read"):
        read_plain_pickle(written(path, [Attack(witness)]))
    assert not witness.exists()


def test_objects_of_foreign_classes_are_attributes_only(path: Path) -> None:
    name = f"{Foreign.__module__}.Foreign"
    written(path, [Foreign()])
    with pytest.raises(LabelError, match="Foreign, which is not read"):
        read_plain_pickle(path)
    (record,) = read_plain_pickle(path, [name])
    assert type(record) is PickledRecord
    assert vars(record) == {"accuracy": 0.5, "inner": {"list": [1, 2]}}
    assert Foreign.made == 0


@pytest.mark.parametrize("value", [np.float16(1), np.complex128(1), np.str_("a")])
def test_numbers_of_other_kinds_are_refused(path: Path, value: np.generic) -> None:
    with pytest.raises(LabelError, match=r"is not a pickle of plain data: dtype '\w+' is not one"):
        read_plain_pickle(written(path, value))


def test_file_cut_anywhere_is_refused(path: Path) -> None:
    whole = pickle.dumps({1: {"perf": np.float64(0.5), "list": [1, "text", (2.5,)]}})
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(LabelError, match="is not a pickle of plain data"):
            read_plain_pickle(path)


def test_missing_file_is_named(path: Path) -> None:
    with pytest.raises(InputFileError, match=r"cannot read '.*table.bench': No such file"):
        read_plain_pickle(path)
