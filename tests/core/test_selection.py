import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnas import _core

tied = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), max_size=40)
distinct = st.lists(st.floats(0.0, 1.0), max_size=40)


@given(tied | distinct, st.data())
def test_top_k_confident_is_a_stable_sort_by_confidence(
    values: list[float], data: st.DataObject
) -> None:
    probability = np.array(values)
    k = data.draw(st.integers(0, len(values)))
    expected = np.argsort(-np.abs(probability - 0.5), kind="stable")[:k]
    assert _core.top_k_confident(probability, k).tolist() == expected.tolist()


@given(tied | distinct, st.data())
def test_best_first_is_a_stable_descending_sort(values: list[float], data: st.DataObject) -> None:
    score = np.array(values)
    top = data.draw(st.integers(0, len(values)))
    expected = np.argsort(-score, kind="stable")[:top]
    assert _core.best_first(score, top).tolist() == expected.tolist()


def test_a_low_probability_is_as_confident_as_a_high_one() -> None:
    assert _core.top_k_confident(np.array([0.7, 0.1, 0.5]), 1).tolist() == [1]


def test_infinite_scores_have_their_place() -> None:
    score = np.array([-np.inf, 1.0, np.inf], np.float32)
    assert _core.best_first(score, 3).tolist() == [2, 1, 0]


def test_more_than_there_is_cannot_be_selected() -> None:
    with pytest.raises(ValueError, match="k is 3: there are only 2 entries"):
        _core.top_k_confident(np.zeros(2), 3)
    with pytest.raises(ValueError, match="top is 3: there are only 2 entries"):
        _core.best_first(np.zeros(2), 3)
    with pytest.raises(ValueError, match="k is -1: needed 0 or more"):
        _core.top_k_confident(np.zeros(2), -1)
    with pytest.raises(ValueError, match="top is -1: needed 0 or more"):
        _core.best_first(np.zeros(2), -1)


@pytest.mark.parametrize("value", [np.nan, -0.01, 1.01, np.inf])
def test_what_is_no_probability_is_named(value: float) -> None:
    with pytest.raises(ValueError, match=r"probability\[1\] is .*: needed 0 to 1"):
        _core.top_k_confident(np.array([0.5, value]), 1)


def test_a_score_that_is_nan_is_named() -> None:
    with pytest.raises(ValueError, match=r"score\[2\] is nan"):
        _core.best_first(np.array([0.0, 1.0, np.nan]), 0)
