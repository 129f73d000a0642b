import numpy as np
import pytest
from scipy.stats import chisquare

from ctnas.errors import ConfigurationError, SpaceError
from ctnas.searching.limits import MaddsLimit
from ctnas.spaces import SearchSpace, get_space


def test_limit_allows_what_costs_no_more(costed: SearchSpace) -> None:
    batch = costed.sample(500, seed=0)
    allowed = MaddsLimit(costed, 9e6).allows(batch)
    expected = [sum(row) <= 9 for row in batch.decisions.tolist()]
    assert allowed.tolist() == expected
    assert 0 < sum(expected) < 500


def test_without_a_limit_everything_is_allowed(space: SearchSpace, costed: SearchSpace) -> None:
    for each in (space, costed):
        assert MaddsLimit(each, None).allows(each.sample(50, seed=0)).all()


def test_limit_needs_a_space_that_knows_its_costs(space: SearchSpace) -> None:
    with pytest.raises(SpaceError, match="'nasbench201' does not know multiply-adds"):
        MaddsLimit(space, 1e6)


@pytest.mark.parametrize("limit", [0, -1e6, float("nan")])
def test_limit_must_be_positive(limit: float, costed: SearchSpace) -> None:
    with pytest.raises(ConfigurationError, match=f"max_madds must be positive, not {limit}"):
        MaddsLimit(costed, limit)


def test_sample_is_distinct_and_within_the_limit(costed: SearchSpace) -> None:
    limit = MaddsLimit(costed, 6e6)
    batch = limit.sample(200, np.random.default_rng(0))
    assert len(np.unique(batch.decisions, axis=0)) == 200
    assert limit.allows(batch).all()
    assert batch == limit.sample(200, np.random.default_rng(0))


def test_sample_is_uniform_among_what_is_allowed(costed: SearchSpace) -> None:
    limit = MaddsLimit(costed, 9e6)
    everything = costed.enumerate()
    allowed = everything[limit.allows(everything)].decisions
    drawn = limit.sample(1000, np.random.default_rng(0)).decisions
    for column, expected in zip(drawn.T, allowed.T, strict=True):
        shares = np.bincount(expected, minlength=5) / len(allowed)
        assert chisquare(np.bincount(column, minlength=5), 1000 * shares).pvalue > 1e-4


def test_limit_that_too_few_meet_names_the_cheapest(costed: SearchSpace) -> None:
    with pytest.raises(ConfigurationError, match=r"at most 500,000 .* cheapest .* has \d"):
        MaddsLimit(costed, 5e5).sample(20, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["mobilenetv3", "darts"])
def test_limit_below_the_smallest_architecture_says_what_that_costs(name: str) -> None:
    space = get_space(name)
    smallest = space.cheapest()
    costs = space.costs(smallest)
    drawn = space.costs(space.sample(3000, seed=0))
    assert (drawn.madds >= costs.madds[0]).all()
    message = f"below the smallest architecture of space '{name}', which has {costs.madds[0]:,.0f}"
    with pytest.raises(ConfigurationError, match=message):
        MaddsLimit(space, costs.madds[0] - 1).sample(20, np.random.default_rng(0))
    MaddsLimit(space, costs.madds[0]).check()


def test_cheapest_of_a_small_space_is_the_cheapest_of_all(costed: SearchSpace) -> None:
    madds = costed.costs(costed.enumerate()).madds
    assert costed.costs(costed.cheapest()).madds[0] == madds.min()
    assert get_space("nasbench201").cheapest() is None
