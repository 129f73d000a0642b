"""Eq. 5 against brute force in float64 and against what follows from its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.special import expit

from ctnas import _core

Logits = NDArray[np.float64]
TOLERANCE = 1e-11


def brute_force(challenger: Logits, opponent: Logits) -> Logits:
    probability = expit(challenger[:, None] + opponent[None, :])
    np.fill_diagonal(probability, 0.0)
    return probability.sum(axis=1) / (len(challenger) - 1)


def draw(law: str, count: int, seed: int = 0) -> tuple[Logits, Logits]:
    rng = np.random.default_rng(seed)

    def numbers() -> Logits:
        match law:
            case "narrow":
                return rng.normal(scale=1e-3, size=count)
            case "usual":
                return rng.normal(size=count)
            case "wide":
                return rng.uniform(-1e3, 1e3, size=count)
            case "many cells":
                return rng.uniform(-1e5, 1e5, size=count)
            case "heavy tail":
                return rng.standard_t(1.5, size=count) * 10.0
            case "extreme":
                return rng.choice([-1.0, 1.0], count) * 10.0 ** rng.uniform(-9, 9, count)
            case "whole":
                return rng.integers(-45, 45, count).astype(np.float64)
        raise AssertionError(law)

    return numbers(), numbers()


LAWS = ["narrow", "usual", "wide", "many cells", "heavy tail", "extreme", "whole"]


@pytest.mark.parametrize("count", [2, 63, 64, 65, 1500])
@pytest.mark.parametrize("law", LAWS)
def test_the_fast_average_is_the_average(law: str, count: int) -> None:
    challenger, opponent = draw(law, count)
    expected = brute_force(challenger, opponent)
    fast = _core.mean_win_probability(challenger, opponent)
    direct = _core.mean_win_probability_direct(challenger, opponent)
    np.testing.assert_allclose(fast, expected, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(direct, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("logit", [0.0, 0.3, -0.7, 0.9999999, 5.0, -39.5, 1e9])
def test_equal_architectures_have_the_probability_of_their_pair(logit: float) -> None:
    challenger = np.full(1000, logit)
    opponent = np.full(1000, 0.25)
    result = _core.mean_win_probability(challenger, opponent)
    np.testing.assert_allclose(result, expit(logit + 0.25), rtol=0, atol=TOLERANCE)


def test_win_probability_of_equal_architectures_is_one_half() -> None:
    logit = np.random.default_rng(0).normal(size=500)
    np.testing.assert_allclose(
        _core.mean_win_probability(np.full(500, 0.4), np.full(500, -0.4)), 0.5, atol=TOLERANCE
    )
    # p(i, j) + p(j, i) = 1 if opponent = -challenger: the mean over all is one half.
    assert _core.mean_win_probability(logit, -logit).mean() == pytest.approx(0.5, abs=TOLERANCE)


@settings(deadline=None)
@given(
    arrays(np.float64, 150, elements=st.floats(-1e12, 1e12)),
    arrays(np.float64, 150, elements=st.floats(-60, 60)),
)
def test_any_logits_are_averaged(challenger: Logits, opponent: Logits) -> None:
    result = _core.mean_win_probability(challenger, opponent)
    expected = brute_force(challenger, opponent)
    np.testing.assert_allclose(result, expected, rtol=0, atol=TOLERANCE)
    assert ((result >= 0.0) & (result <= 1.0)).all()


@settings(deadline=None)
@given(arrays(np.float64, 200, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_logits_of_any_magnitude_are_averaged(challenger: Logits) -> None:
    with np.errstate(over="ignore"):
        expected = brute_force(challenger, challenger[::-1].copy())
    result = _core.mean_win_probability(challenger, challenger[::-1].copy())
    np.testing.assert_allclose(result, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("law", LAWS)
def test_the_result_is_the_same_bits_for_any_number_of_threads(law: str) -> None:
    challenger, opponent = draw(law, 60_000)
    one = _core.mean_win_probability(challenger, opponent, threads=1)
    for threads in (0, 2, 3, 8):
        other = _core.mean_win_probability(challenger, opponent, threads=threads)
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("law", ["usual", "many cells"])
def test_a_large_batch_is_averaged(law: str) -> None:
    challenger, opponent = draw(law, 423_624)
    result = _core.mean_win_probability(challenger.astype(np.float32), opponent.astype(np.float32))
    sample = np.random.default_rng(1).integers(0, len(result), 20)
    narrow = challenger.astype(np.float32).astype(np.float64)
    others = opponent.astype(np.float32).astype(np.float64)
    for i in sample:
        probability = expit(narrow[i] + others)
        expected = (probability.sum() - probability[i]) / (len(result) - 1)
        assert result[i] == pytest.approx(expected, abs=TOLERANCE)


def test_architectures_that_are_equal_in_all_have_the_same_bits() -> None:
    challenger, opponent = draw("usual", 1000)
    result = _core.mean_win_probability(np.tile(challenger, 2), np.tile(opponent, 2))
    np.testing.assert_array_equal(result[:1000], result[1000:])


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(
    ("challengers", "opponents"), [(0, 5), (1, 1), (1, 900), (300, 3), (900, 700)]
)
def test_the_average_against_others_counts_them_all(
    law: str, challengers: int, opponents: int
) -> None:
    challenger, _ = draw(law, challengers, seed=1)
    opponent, _ = draw(law, opponents, seed=2)
    expected = expit(challenger[:, None] + opponent[None, :]).mean(axis=1)
    result = _core.mean_win_probability_against(challenger, opponent)
    np.testing.assert_allclose(result, expected, rtol=0, atol=TOLERANCE)


def test_a_single_architecture_has_no_win_probability() -> None:
    for function in (_core.mean_win_probability, _core.mean_win_probability_direct):
        with pytest.raises(
            ValueError, match="win probability of a single architecture is undefined"
        ):
            function(np.zeros(1), np.zeros(1))
        with pytest.raises(ValueError, match="win probability of no architectures"):
            function(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="against no opponents"):
        _core.mean_win_probability_against(np.zeros(3), np.zeros(0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("count", [10, 1000])
def test_a_logit_that_is_not_finite_is_named(value: float, count: int) -> None:
    wrong = np.zeros(count)
    wrong[7] = value
    with pytest.raises(ValueError, match=r"challenger\[7\] is .*: needed a finite logit"):
        _core.mean_win_probability(wrong, np.zeros(count))
    with pytest.raises(ValueError, match=r"opponent\[7\] is"):
        _core.mean_win_probability(np.zeros(count), wrong)
    with pytest.raises(ValueError, match=r"opponents\[7\] is"):
        _core.mean_win_probability_against(np.zeros(3), wrong)


def test_threads_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="threads is -1"):
        _core.mean_win_probability(np.zeros(2), np.zeros(2), threads=-1)


@pytest.mark.parametrize("count", [2, 7, 63, 64, 200])
def test_equal_architectures_win_equally_bit_for_bit(count: int) -> None:
    generator = np.random.default_rng(count)
    half = generator.normal(size=(count + 1) // 2)
    challenger = np.concatenate([half, half])[:count]
    won = _core.mean_win_probability(challenger, -challenger)
    repeated = count - len(half)
    assert np.array_equal(won[:repeated], won[len(half) :])
