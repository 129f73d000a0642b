"""Arrays are checked at the border and never converted."""

from typing import Any

import numpy as np
import pytest

from ctnas import _core
from ctnas.errors import ArchitectureError

ADJACENCY = np.zeros((3, 7, 7), np.uint8)
OPERATIONS = np.zeros((3, 7), np.int64)


@pytest.mark.parametrize(
    ("adjacency", "operations", "message"),
    [
        (ADJACENCY.astype(np.int64), OPERATIONS, "adjacency has dtype int64: needed uint8"),
        (ADJACENCY.astype(bool), OPERATIONS, "adjacency has dtype bool: needed uint8"),
        (ADJACENCY, OPERATIONS.astype(np.int32), "operations has dtype int32: needed int64"),
        (ADJACENCY, OPERATIONS.astype(">i8"), "operations has dtype >i8: needed int64"),
        (ADJACENCY[0], OPERATIONS, r"adjacency has shape \(7, 7\): needed 3 dimensions"),
        (ADJACENCY, OPERATIONS[0], r"operations has shape \(7,\): needed 2 dimensions"),
        (ADJACENCY[:, :6], OPERATIONS, r"adjacency .* not contiguous"),
        (np.zeros((3, 6, 6), np.uint8), OPERATIONS, r"\(3, 6, 6\): needed \(N, 7, 7\)"),
        (ADJACENCY, np.zeros((3, 8), np.int64), r"\(3, 8\): needed \(N, 7\)"),
        (ADJACENCY, OPERATIONS[:2], "operations has 2 rows and adjacency 3: needed as many"),
        (ADJACENCY[:1], OPERATIONS, "operations has 3 rows and adjacency 1: needed as many"),
        (ADJACENCY, OPERATIONS[:, ::-1], r"pass numpy.ascontiguousarray\(operations\)"),
    ],
)
def test_arrays_of_another_form_are_refused(
    encoder: _core.Encoder, adjacency: Any, operations: Any, message: str
) -> None:
    with pytest.raises(ArchitectureError, match=message):
        encoder.encode(adjacency, operations)


def test_a_misaligned_array_is_refused(encoder: _core.Encoder) -> None:
    misaligned = np.frombuffer(bytes(3 * 7 * 8 + 1), np.uint8)[1:].view(np.int64).reshape(3, 7)
    assert not misaligned.flags.aligned
    with pytest.raises(ArchitectureError, match="operations is not contiguous"):
        encoder.encode(ADJACENCY, misaligned)


def test_what_is_no_array_is_a_type_error(encoder: _core.Encoder) -> None:
    with pytest.raises(TypeError, match="adjacency is a list: needed a numpy array"):
        encoder.encode(ADJACENCY.tolist(), OPERATIONS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="score is a list"):
        _core.best_first([1.0], 1)  # type: ignore[arg-type]


def test_read_only_arrays_are_welcome(encoder: _core.Encoder) -> None:
    adjacency = ADJACENCY.copy()
    adjacency.flags.writeable = False
    challenger_logit, _ = encoder.encode(adjacency, OPERATIONS)
    assert challenger_logit.shape == (3,)


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (np.zeros(3, np.int64), "challenger has dtype int64: needed float32 or float64"),
        (np.zeros(3, np.float16), "challenger has dtype float16"),
        (np.zeros((3, 1)), r"challenger has shape \(3, 1\): needed 1 dimension"),
        (np.zeros(6)[::2], "challenger is not contiguous"),
        (np.zeros(2), "opponent has 3 entries: needed 2"),
    ],
)
def test_logits_of_another_form_are_refused(logits: Any, message: str) -> None:
    for function in (_core.compare, _core.mean_win_probability):
        with pytest.raises(ValueError, match=message):
            function(logits, np.zeros(3))


def test_the_two_logits_may_differ_in_precision() -> None:
    assert _core.compare(np.zeros(1, np.float32), np.zeros(1))[0] == 0.5
