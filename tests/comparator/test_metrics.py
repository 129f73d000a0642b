"""Measures of agreement against their definitions over all pairs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnas.comparator.metrics import kendall_tau, sign_agreement

# Few distinct values, so that ties are common.
scores = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=12).map(
    lambda pairs: np.array(pairs, dtype=np.float64).T
)


def products_of_signs(predicted: np.ndarray, measured: np.ndarray) -> list[float]:
    return [
        np.sign(predicted[i] - predicted[j]) * np.sign(measured[i] - measured[j])
        for i, j in combinations(range(len(predicted)), 2)
    ]


@given(scores)
def test_sign_agreement_is_the_mean_product_of_signs(columns: np.ndarray) -> None:
    predicted, measured = columns
    expected = np.mean(products_of_signs(predicted, measured))
    assert sign_agreement(predicted, measured) == pytest.approx(expected)


@given(scores)
def test_kendall_tau_corrects_for_ties_and_is_0_where_nothing_differs(columns: np.ndarray) -> None:
    predicted, measured = columns
    untied = [
        sum(column[i] != column[j] for i, j in combinations(range(len(column)), 2))
        for column in columns
    ]
    tau = kendall_tau(predicted, measured)
    if 0 in untied:
        assert tau == 0
    else:
        agreement = sum(products_of_signs(predicted, measured))
        assert tau == pytest.approx(agreement / np.sqrt(np.prod(untied)))


def test_both_agree_where_nothing_is_tied() -> None:
    predicted, measured = np.random.default_rng(0).random((2, 50))
    assert kendall_tau(predicted, measured) == pytest.approx(sign_agreement(predicted, measured))


def test_the_same_order_agrees_fully_and_the_reverse_not_at_all() -> None:
    measured = np.random.default_rng(0).random(30)
    for agreement in (kendall_tau, sign_agreement):
        assert agreement(np.exp(measured), measured) == pytest.approx(1)
        assert agreement(-measured, measured) == pytest.approx(-1)


def test_ties_are_no_agreement() -> None:
    assert sign_agreement(np.zeros(3), np.arange(3.0)) == 0
