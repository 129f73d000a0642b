"""The policy as a distribution over a space."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from ctnas.searching.policy import AutoregressivePolicy
from ctnas.spaces import GraphSpace, SearchSpace, get_space, space_names

# Below this a deviation is no accident: seeds are fixed, so that the tests never vary.
SIGNIFICANT = 1e-4


def make_policy(space: SearchSpace, seed: int | None = None) -> AutoregressivePolicy:
    """Return a fresh policy; with a seed, one none of whose weights are at their initial values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        policy = AutoregressivePolicy(space, width=12)
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in policy.parameters():
                parameter.normal_(std=0.7, generator=generator)
    return policy


def codes(space: SearchSpace, decisions: np.ndarray) -> np.ndarray:
    """Return the place of each row among all rows of the space."""
    return np.ravel_multi_index(tuple(decisions.T), tuple(space.choices))


@pytest.mark.parametrize("space_name", space_names())
def test_policy_is_uniform_before_it_has_learned(space_name: str) -> None:
    space = get_space(space_name)
    sample = make_policy(space).sample(4000, torch.Generator().manual_seed(0))
    space.check(sample.architectures)
    for column, choices in zip(sample.architectures.decisions.T, space.choices, strict=True):
        counts = np.bincount(column, minlength=choices)
        assert chisquare(counts).pvalue > SIGNIFICANT
    expected = -np.log(space.choices.astype(np.float64)).sum()
    np.testing.assert_allclose(sample.log_probability.detach(), expected, rtol=1e-5)
    np.testing.assert_allclose(sample.entropy.detach(), -expected, rtol=1e-5)


def test_probabilities_of_all_architectures_sum_to_one(chain: GraphSpace) -> None:
    sample = make_policy(chain, seed=1).sample(20_000, torch.Generator().manual_seed(0))
    place, first = np.unique(codes(chain, sample.architectures.decisions), return_index=True)
    assert len(place) == 24
    probability = sample.log_probability.detach().double().exp().numpy()[first]
    assert probability.max() > 3 * probability.min()
    assert probability.sum() == pytest.approx(1, abs=1e-5)


def test_architectures_are_drawn_as_often_as_their_probability_says(chain: GraphSpace) -> None:
    sample = make_policy(chain, seed=1).sample(20_000, torch.Generator().manual_seed(0))
    place = codes(chain, sample.architectures.decisions)
    _, first, counts = np.unique(place, return_index=True, return_counts=True)
    probability = sample.log_probability.detach().double().exp().numpy()[first]
    assert chisquare(counts, probability / probability.sum() * len(place)).pvalue > SIGNIFICANT


def test_mean_entropy_over_the_policy_is_its_entropy(chain: GraphSpace) -> None:
    sample = make_policy(chain, seed=1).sample(20_000, torch.Generator().manual_seed(0))
    _, first = np.unique(codes(chain, sample.architectures.decisions), return_index=True)
    log_probability = sample.log_probability.detach().double().numpy()[first]
    entropy = sample.entropy.detach().double().numpy()[first]
    weights = np.exp(log_probability)
    assert weights @ entropy == pytest.approx(-(weights @ log_probability), abs=1e-5)


def test_later_decisions_depend_on_earlier_ones(chain: GraphSpace) -> None:
    sample = make_policy(chain, seed=1).sample(20_000, torch.Generator().manual_seed(0))
    first, second, _ = sample.architectures.decisions.T
    counts = [np.bincount(second[first == choice], minlength=4) for choice in (0, 1)]
    shares = [count / count.sum() for count in counts]
    assert np.abs(shares[0] - shares[1]).max() > 0.05


def test_equal_generators_draw_equal_samples_and_are_advanced(chain: GraphSpace) -> None:
    policy = make_policy(chain, seed=1)
    generator = torch.Generator().manual_seed(5)
    first = policy.sample(50, generator).architectures
    again = policy.sample(50, torch.Generator().manual_seed(5)).architectures
    assert first == again
    assert policy.sample(50, generator).architectures != first
