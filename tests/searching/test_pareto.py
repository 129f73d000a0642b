"""The Pareto front: no architecture on it is beaten by one that costs no more."""

import numpy as np
import pytest

from ctnas.errors import SpaceError
from ctnas.searching.pareto import non_dominated, pareto_front
from ctnas.spaces import SearchSpace


def brute_force(value: np.ndarray, cost: np.ndarray) -> list[bool]:
    count = range(len(value))
    return [
        not any(
            (value[j] >= value[i] and cost[j] < cost[i])
            or (value[j] > value[i] and cost[j] == cost[i])
            or (value[j] == value[i] and cost[j] == cost[i] and j < i)
            for j in count
        )
        for i in count
    ]


def test_non_dominated_agrees_with_comparing_all_pairs() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        value, cost = generator.integers(0, 8, (2, 30)).astype(np.float64)
        assert non_dominated(value, cost).tolist() == brute_force(value, cost)


@pytest.fixture
def judged(fit, labels, costed: SearchSpace):
    """Return a comparator of a space that knows its costs."""
    comparator = fit(labels)
    comparator.space = costed
    return comparator


def test_the_front_of_a_small_space_is_the_true_one(judged, costed: SearchSpace) -> None:
    everything = costed.enumerate()
    score = judged.encode(everything)[0].astype(np.float64)
    madds = costed.costs(everything).madds
    expected = everything[np.flatnonzero(non_dominated(score, madds))]
    found = pareto_front(judged, costed.sample(50, seed=0), provider="cpu")
    best = dict(zip(costed.costs(expected).madds, judged.encode(expected)[0], strict=True))
    reached = dict(zip(found.madds, judged.encode(found.architectures)[0], strict=True))
    # One decision at a time reaches nearly all of it.
    equal = [cost for cost in best if reached.get(cost, -np.inf) >= best[cost] - 1e-5]
    assert len(equal) >= 0.8 * len(best)
    assert (np.diff(found.madds) > 0).all()
    assert (np.diff(found.win_probability) > 0).all()


def test_the_limit_holds_on_the_front(judged, costed: SearchSpace) -> None:
    found = pareto_front(judged, costed.sample(50, seed=0), max_madds=7e6, provider="cpu")
    assert found.madds.max() <= 7e6


def test_the_front_does_not_depend_on_chance(judged, costed: SearchSpace) -> None:
    one, other = (pareto_front(judged, costed.sample(50, seed=0), provider="cpu") for _ in "12")
    assert one.architectures == other.architectures


def test_a_front_needs_a_space_that_knows_costs(fit, labels) -> None:
    with pytest.raises(SpaceError, match="'nasbench201' does not know multiply-adds"):
        pareto_front(fit(labels), labels.architectures)
