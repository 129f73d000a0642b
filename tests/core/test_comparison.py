import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.special import expit

from ctnas import _core

Logits = NDArray[np.float64]
logits = arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e6, 1e6))


@given(logits)
def test_compare_is_the_sigmoid_of_the_sum(logit: Logits) -> None:
    other = logit[::-1].copy()
    np.testing.assert_allclose(_core.compare(logit, other), expit(logit + other), atol=1e-15)


def test_float32_logits_are_added_in_float64() -> None:
    challenger = np.array([16777216.0], np.float32)
    opponent = np.array([-16777215.0], np.float32)
    expected = expit(1.0)
    assert _core.compare(challenger, opponent)[0] == pytest.approx(expected, abs=1e-15)


@given(logits, st.integers(0, 2**32 - 1))
def test_pair_probability_looks_up_both_places(logit: Logits, seed: int) -> None:
    first, second = np.random.default_rng(seed).integers(0, len(logit), size=(2, 30))
    result = _core.pair_probability(logit, -logit, first, second)
    np.testing.assert_allclose(result, expit(logit[first] - logit[second]), atol=1e-15)


@pytest.mark.parametrize("place", [-1, 5, 2**62, -(2**63)])
def test_a_place_that_does_not_exist_is_named(place: int) -> None:
    logit = np.zeros(5)
    good, wrong = np.array([0, 1, 2]), np.array([0, place, 2])
    message = rf"\[1\] is {place}: there are 5 architectures"
    with pytest.raises(IndexError, match="first" + message):
        _core.pair_probability(logit, logit, wrong, good)
    with pytest.raises(IndexError, match="second" + message):
        _core.explore_pairs(logit, logit, good, wrong, 1)


def test_pairs_must_have_two_sides() -> None:
    with pytest.raises(ValueError, match="second has 2 entries: needed 3"):
        _core.pair_probability(np.zeros(5), np.zeros(5), np.zeros(3, int), np.zeros(2, int))


@given(logits, st.integers(0, 2**32 - 1))
def test_exploration_is_selection_after_comparison(logit: Logits, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, len(logit), size=(2, 40))
    k = int(rng.integers(0, 41))
    index, probability = _core.explore_pairs(logit, -logit, first, second, k)
    everything = expit(logit[first] - logit[second])
    np.testing.assert_allclose(probability, everything[index], atol=1e-15)
    confidence = np.sort(np.abs(everything - 0.5))[::-1]
    np.testing.assert_allclose(np.abs(probability - 0.5), confidence[:k], atol=1e-15)


def test_exploration_takes_both_sure_wins_and_sure_losses() -> None:
    challenger = np.array([-9.0, 0.1, 8.0])
    pairs = np.arange(3)
    index, probability = _core.explore_pairs(challenger, np.zeros(3), pairs, pairs, 2)
    assert index.tolist() == [0, 2]
    assert (probability >= 0.5).tolist() == [False, True]


def test_exploration_with_nan_logits_is_refused() -> None:
    pairs = np.arange(2)
    with pytest.raises(ValueError, match=r"probability\[1\] is nan"):
        _core.explore_pairs(np.array([0.0, np.nan]), np.zeros(2), pairs, pairs, 1)
