"""Targets and losses of comparisons, pair by pair."""

import numpy as np
import pytest
import torch
from scipy.special import expit
from scipy.stats import norm

from ctnas.comparator.comparisons import (
    AllPairs,
    GraphTensors,
    LabeledComparisons,
    Pairs,
    comparison_target,
    random_pairs,
)
from ctnas.comparator.encoders import PairEncoder, make_encoder
from ctnas.comparator.presets import EncoderConfig, FitConfig
from ctnas.comparator.spread import robust_deviation
from ctnas.labels import LabelSet
from ctnas.spaces import SearchSpace


@pytest.fixture
def encoder(space: SearchSpace) -> PairEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make_encoder(space.vocabulary, EncoderConfig(kind="gcn", width=6)).eval()


@pytest.fixture
def labels(space: SearchSpace) -> LabelSet:
    return LabelSet(space, space.sample(20, seed=0), np.random.default_rng(0).normal(size=20))


def cross_entropy(probability: float, target: float) -> float:
    return -target * np.log(probability) - (1 - target) * np.log(1 - probability)


def logits_of(encoder: PairEncoder, labels: LabelSet) -> tuple[np.ndarray, np.ndarray]:
    graphs = GraphTensors.of(labels.space.graphs(labels.architectures))
    with torch.no_grad():
        challenger, opponent = encoder(graphs.adjacency, graphs.operations)
    return challenger.double().numpy(), opponent.double().numpy()


def test_hard_target_says_whether_the_first_is_at_least_as_good() -> None:
    target = comparison_target(torch.tensor([-2.0, -1e-9, 0.0, 1e-9, 3.0]), noise=0.0)
    assert target.tolist() == [0, 0, 1, 1, 1]


def test_soft_target_is_the_probability_that_the_order_survives_noise() -> None:
    difference = torch.linspace(-3, 3, 13, dtype=torch.float64)
    expected = norm.cdf(difference.numpy() / (0.7 * np.sqrt(2)))
    target = comparison_target(difference, noise=0.7)
    np.testing.assert_allclose(target.numpy(), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(target + comparison_target(-difference, 0.7), 1, atol=1e-6)


def test_robust_deviation_is_that_of_a_normal_sample_whatever_fails() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, size=20_000)
    assert robust_deviation(values) == pytest.approx(2, rel=0.03)
    failed = np.concatenate([values, np.full(200, -1000.0)])
    assert robust_deviation(failed) == pytest.approx(2, rel=0.05)


def test_random_pairs_are_uniform_over_different_rows() -> None:
    first, second = random_pairs(4, 12_000, torch.Generator().manual_seed(0))
    counts = np.zeros((4, 4))
    np.add.at(counts, (first.numpy(), second.numpy()), 1)
    assert (counts.diagonal() == 0).all()
    # Binomial with mean 1,000 and standard deviation 30.
    assert (np.abs(counts[~np.eye(4, dtype=bool)] - 1000) < 150).all()


def test_losses_of_all_pairs_are_those_of_each_pair(encoder: PairEncoder, labels: LabelSet) -> None:
    drawn = LabeledComparisons(labels, FitConfig(label_noise=0.3), seed=0).draw()
    assert isinstance(drawn, AllPairs)
    losses = drawn.losses(encoder)
    assert losses.shape == (20 * 19,)
    challenger, opponent = logits_of(encoder, labels)
    noise = 0.3 * robust_deviation(labels.values)
    expected = [
        cross_entropy(
            expit(challenger[i] + opponent[j]),
            norm.cdf((labels.values[i] - labels.values[j]) / (noise * np.sqrt(2))),
        )
        for i in range(20)
        for j in range(20)
        if i != j
    ]
    actual = np.sort(losses.detach().double().numpy())
    np.testing.assert_allclose(actual, np.sort(expected), rtol=1e-4)


def test_losses_of_drawn_pairs_are_those_of_each_pair(
    encoder: PairEncoder, labels: LabelSet
) -> None:
    drawn = LabeledComparisons(labels, FitConfig(pairs=50, label_noise=0.0), seed=0).draw()
    assert isinstance(drawn, Pairs)
    challenger, opponent = logits_of(encoder, labels)
    pairs = zip(drawn.first.tolist(), drawn.second.tolist(), strict=True)
    expected = [
        cross_entropy(
            expit(challenger[i] + opponent[j]), float(labels.values[i] >= labels.values[j])
        )
        for i, j in pairs
    ]
    np.testing.assert_allclose(drawn.losses(encoder).detach(), expected, rtol=1e-4)


def test_a_step_takes_as_many_architectures_as_are_set(labels: LabelSet) -> None:
    comparisons = LabeledComparisons(labels, FitConfig(architectures=7), seed=0)
    first, second = comparisons.draw(), comparisons.draw()
    assert len(first.graphs) == len(second.graphs) == 7
    assert not torch.equal(first.graphs.operations, second.graphs.operations)
