"""Queries where a front may grow, within limits."""

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.searching.candidates import CandidateSource
from ctnas.searching.front import FrontSurrogate, Measured
from ctnas.searching.hypervolume import hypervolume, on_front
from ctnas.settings.objectives import Limit, Objective
from ctnas.spaces import SearchSpace, get_space

OBJECTIVES = (Objective("accuracy"), Objective("latency", minimized=True))


@pytest.fixture(scope="module")
def space() -> SearchSpace:
    return get_space("nasbench201")


def accuracy(batch: ArchitectureBatch) -> np.ndarray:
    """Convolutions help, the first ones most."""
    worth = np.array([0.0, 0.2, 0.6, 1.0, 0.1])
    return (worth[batch.decisions] * np.linspace(1, 2, 6)).sum(axis=1)


def latency(batch: ArchitectureBatch) -> np.ndarray:
    cost = np.array([0.0, 0.1, 1.0, 3.0, 0.5])
    return cost[batch.decisions].sum(axis=1)


def measured(batch: ArchitectureBatch) -> Measured:
    return Measured(batch, {"accuracy": accuracy(batch), "latency": latency(batch)})


def volume(batch: ArchitectureBatch) -> float:
    gains = np.column_stack([accuracy(batch) / 9, (18 - latency(batch)) / 18])
    return hypervolume(gains[on_front(gains)], np.zeros(2))


def test_queries_grow_the_front_more_than_random_ones(space: SearchSpace) -> None:
    known = space.sample(25, seed=0)
    surrogate = FrontSurrogate(CandidateSource(space), OBJECTIVES)
    for number in range(3):
        generator = np.random.default_rng(number)
        asked = surrogate.growing(measured(known), generator, 10)
        known = ArchitectureBatch.concatenate([known, asked])
    random = [volume(space.sample(220, seed=seed)) for seed in range(1, 6)]
    assert volume(known) > max(random)


def test_what_is_asked_is_new_and_not_all_of_one_kind(space: SearchSpace) -> None:
    known = space.sample(25, seed=0)
    surrogate = FrontSurrogate(CandidateSource(space), OBJECTIVES)
    asked = surrogate.growing(measured(known), np.random.default_rng(0), 8)
    rows = {row.tobytes() for row in known.decisions}
    assert not any(row.tobytes() in rows for row in asked.decisions)
    assert np.ptp(latency(asked)) > 0.5 * np.ptp(latency(known))


def test_limits_keep_queries_within_reach(space: SearchSpace) -> None:
    known = space.sample(40, seed=0)
    limits = [Limit("latency", 5.0)]
    one = FrontSurrogate(CandidateSource(space), OBJECTIVES[:1], limits)
    asked = one.growing(measured(known), np.random.default_rng(0), 10)
    free = FrontSurrogate(CandidateSource(space), OBJECTIVES[:1])
    far = free.growing(measured(known), np.random.default_rng(0), 10)
    assert latency(far).min() > 8.0
    # The best within a limit are near to it.
    assert latency(asked).max() < 6.0
    whole = space.enumerate()
    best = np.sort(accuracy(whole)[latency(whole) <= 5.0])
    assert accuracy(asked)[latency(asked) <= 5.0].max() >= best[-100]


def test_a_known_metric_needs_no_process(space: SearchSpace) -> None:
    known = space.sample(25, seed=0)
    values = {"accuracy": accuracy(known), "latency": latency(known)}
    surrogate = FrontSurrogate(
        CandidateSource(space), OBJECTIVES, [Limit("latency", 4.0)], {"latency": latency}
    )
    asked = surrogate.growing(Measured(known, values), np.random.default_rng(0), 10)
    assert (latency(asked) <= 4.0).all()


def test_what_is_not_measured_is_offered_only_if_it_is_surely_within_limits(
    space: SearchSpace,
) -> None:
    known = space.sample(60, seed=0)
    surrogate = FrontSurrogate(CandidateSource(space), OBJECTIVES, [Limit("latency", 6.0)])
    batch = space.sample(400, seed=1)
    offered = surrogate.keeps_limits(measured(known), batch)
    assert offered.sum() > 20
    assert (latency(batch)[offered] <= 6.0).mean() >= 0.95
