"""Comparing and ranking, by brute force, for the one that learns and the one that is deployed."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.runtime import Comparator
from ctnas.comparator.separable import SeparableComparator
from ctnas.errors import ArchitectureError, CtnasError
from ctnas.spaces import SearchSpace, get_space

Fitted = Callable[..., NeuralArchitectureComparator]


@pytest.fixture(params=["learning", "deployed"])
def comparator(
    request: pytest.FixtureRequest, fitted: Fitted, loaded: Comparator
) -> SeparableComparator:
    return fitted() if request.param == "learning" else loaded


# The batch around an architecture may change the last bits of its logits in PyTorch.
ROUNDING = 1e-6


def all_pairs(comparator: SeparableComparator, batch: ArchitectureBatch) -> np.ndarray:
    """Return P(i better than j) of every pair, each compared by itself, [N, N]."""
    i, j = np.divmod(np.arange(len(batch) ** 2), len(batch))
    return comparator.compare(batch[i], batch[j]).reshape(len(batch), len(batch))


def test_comparison_separates_into_two_logits(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    batch = space.sample(20, seed=3)
    challenger, opponent = comparator.encode(batch)
    expected = expit(challenger[:, None].astype(np.float64) + opponent[None, :])
    np.testing.assert_allclose(all_pairs(comparator, batch), expected, rtol=0, atol=ROUNDING)


def test_win_probability_is_the_mean_over_all_others(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    batch = space.sample(30, seed=3)
    probability = all_pairs(comparator, batch)
    np.fill_diagonal(probability, np.nan)
    expected = np.nanmean(probability, axis=1)
    np.testing.assert_allclose(comparator.win_probability(batch), expected, rtol=0, atol=ROUNDING)


def test_win_probability_against_opponents_counts_them_all(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    drawn = space.sample(30, seed=3)
    batch, opponents = drawn[:10], drawn[10:]
    won = comparator.win_probability(batch, against=opponents)
    for row in range(10):
        meetings = comparator.compare(batch[[row] * 20], opponents)
        assert won[row] == pytest.approx(meetings.mean(), abs=ROUNDING)


def test_ranking_is_best_first(comparator: SeparableComparator, space: SearchSpace) -> None:
    batch = space.sample(300, seed=3)
    ranking = comparator.rank(batch)
    won = comparator.win_probability(batch)
    assert sorted(ranking.indices) == list(range(300))
    assert (np.diff(ranking.win_probability) <= 0).all()
    np.testing.assert_array_equal(ranking.win_probability, won[ranking.indices])


def test_top_of_a_ranking_is_its_beginning(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    batch = space.sample(300, seed=3)
    everything, top = comparator.rank(batch), comparator.rank(batch, top=7)
    assert len(top) == 7
    np.testing.assert_array_equal(top.indices, everything.indices[:7])
    np.testing.assert_array_equal(top.win_probability, everything.win_probability[:7])
    assert len(comparator.rank(batch, top=1000)) == 300


def test_ties_are_ranked_by_index(comparator: SeparableComparator, space: SearchSpace) -> None:
    batch = space.sample(40, seed=3)
    batch = ArchitectureBatch.concatenate([batch, batch[::-1]])
    order = comparator.rank(batch).indices.tolist()
    places = [order.index(row) for row in range(80)]
    assert all(places[row] < places[79 - row] for row in range(40))


def test_graphs_may_stand_for_architectures(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    batch = space.sample(40, seed=3)
    by_graph = comparator.rank(space.graphs(batch))
    np.testing.assert_array_equal(by_graph.indices, comparator.rank(batch).indices)


def test_default_comparison_is_antisymmetric(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    a, b = space.sample(200, seed=3), space.sample(200, seed=4)
    both = comparator.compare(a, b) + comparator.compare(b, a)
    np.testing.assert_allclose(both, 1, rtol=0, atol=1e-7)
    np.testing.assert_allclose(comparator.compare(a, a), 0.5, rtol=0, atol=1e-7)


def test_batches_of_different_length_are_not_compared(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    with pytest.raises(ArchitectureError, match="not 3 and 4"):
        comparator.compare(space.sample(3, seed=0), space.sample(4, seed=0))


def test_architectures_of_another_space_are_refused(comparator: SeparableComparator) -> None:
    foreign = get_space("darts").sample(3, seed=0)
    with pytest.raises(ArchitectureError, match="space 'darts' are not in space 'nasbench201'"):
        comparator.rank(foreign)


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_architectures_have_no_ranking(
    count: int, comparator: SeparableComparator, space: SearchSpace
) -> None:
    with pytest.raises(CtnasError, match=f"at least two architectures to compare, not {count}"):
        comparator.rank(space.sample(count, seed=0))


def test_nobody_to_compare_with_is_an_error(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    with pytest.raises(CtnasError, match="at least one opponent"):
        comparator.win_probability(space.sample(3, seed=0), against=space.sample(0, seed=0))


def test_no_architectures_are_compared_to_nothing(
    comparator: SeparableComparator, space: SearchSpace
) -> None:
    nothing = space.sample(0, seed=0)
    assert comparator.compare(nothing, nothing).shape == (0,)
