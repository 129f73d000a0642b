from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

import ctnas
from ctnas.checked import MOST_SEED, number, seed_of, small_seed, vector, whole
from ctnas.errors import ConfigurationError, CtnasError, LabelError


@pytest.mark.parametrize(
    "value",
    [
        *(7, 7.0, np.int8(7), np.uint64(7), np.float32(7), np.array(7), Decimal(7), Fraction(7)),
        *(torch.tensor(7), torch.tensor(7.0)),
    ],
)
def test_a_whole_number_of_any_type_is_an_int(value: object) -> None:
    converted = whole("top", value)
    assert converted == 7
    assert type(converted) is int


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7.5, "top must be a whole number, not 7.5"),
        (True, "top must be a number, not True"),
        (np.bool_(True), "top must be a number, not True"),
        ("7", "top must be a number, not '7'"),
        (None, "top must be a number, not None"),
        (float("nan"), "top must be a finite number, not nan"),
        (float("inf"), "top must be a finite number, not inf"),
        (np.array([7]), r"top must be a number, not array\(\[7\]\) of type ndarray"),
        (-1, "top must be at least 0, not -1"),
        (10**400, "top must be at most 9, not 1000"),
    ],
)
def test_what_is_no_count_is_named(value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{message}"):
        whole("top", value, 0, 9)


def test_numbers_too_large_for_a_float_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="limit must be a finite number, not 1000"):
        number("limit", 10**400)


@pytest.mark.parametrize("seed", [-1, MOST_SEED + 1, 0.5, True, "0"])
def test_seeds_lie_in_64_bits(seed: object) -> None:
    with pytest.raises(ConfigurationError, match="seed must be"):
        seed_of(seed)


def test_small_seeds_stay_and_large_ones_differ() -> None:
    large = [small_seed(seed) for seed in (2**32, 2**32 + 1, MOST_SEED)]
    assert small_seed(2**32 - 1) == 2**32 - 1
    assert len(set(large)) == 3
    assert all(0 <= seed < 2**32 for seed in large)


class Column:
    """Looks like a column of a data frame."""

    def __len__(self) -> int:
        return 3

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return np.array([1, 2, 3], dtype=object)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        range(1, 4),
        np.array([1, 2, 3], dtype=np.float32),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([1, 2.0, np.float16(3)], dtype=object),
        np.ma.masked_array([1, 2, 3], mask=False),
        [Decimal(1), Fraction(2), np.int64(3)],
        [torch.tensor(1.0), torch.tensor(2), 3],
        torch.tensor([1, 2, 3]),
        torch.tensor([1.0, 2.0, 3.0], requires_grad=True, dtype=torch.bfloat16),
        Column(),
        memoryview(np.array([1.0, 2.0, 3.0])),
    ],
)
def test_numbers_in_any_container_are_float64(values: object) -> None:
    converted = vector("labels", values, error=LabelError)
    assert converted.dtype == np.float64
    assert converted.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("123", "must be a list or array of numbers, not '123'"),
        (5, "must be a list or array of numbers, not 5"),
        ({1: 2}, "must be a list or array of numbers"),
        ([True, False], "must be numbers, not bool"),
        ([1, True], "^$"),
        (["1", "2"], "row 0: labels must be numbers, not '1'"),
        ([1.0, None], "row 1: labels must be numbers, not None"),
        ([1 + 2j], "must be numbers, not complex128"),
        ([[1], [1, 2]], "must be a list or array of numbers, not of lists"),
        ([[1.0]], r"must be float64 \[N\], not of shape \[1, 1\]"),
        (np.ma.masked_array([1, 2], mask=[0, 1]), "row 1: labels are masked there"),
    ],
)
def test_what_holds_no_numbers_is_named(values: object, message: str) -> None:
    if message == "^$":  # NumPy has made numbers of them.
        assert vector("labels", values, error=LabelError).tolist() == [1, 1]
        return
    with pytest.raises(LabelError, match=message):
        vector("labels", values, error=LabelError)


def test_errors_of_types_are_type_errors_too() -> None:
    space = ctnas.get_space("nasbench201")
    with pytest.raises(CtnasError, match="architectures must be an ArchitectureBatch") as caught:
        ctnas.LabelSet(space, ["|nor_conv_1x1~0|"], [1.0])  # type: ignore[arg-type]
    assert isinstance(caught.value, TypeError)
