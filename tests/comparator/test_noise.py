"""The noise of a measurement, on labels to which a known one was added."""

import numpy as np
import pytest

from ctnas import DecisionSpace, LabelSet
from ctnas.comparator.noise import estimate_noise


@pytest.fixture
def space() -> DecisionSpace:
    widths = [8, 16, 24, 32, 48, 64]
    return DecisionSpace("widths", {f"w{layer}": widths for layer in range(5)})


def labeled(space: DecisionSpace, noise: float, count: int, seed: int) -> LabelSet:
    """Return accuracies that saturate with the widths, and noise of a known size."""
    batch = space.sample(count, seed)
    width = np.array([8, 16, 24, 32, 48, 64])[batch.decisions]
    truth = 95 - 40 * (1 / width).sum(axis=1) + np.log2(width).min(axis=1)
    return LabelSet(space, batch, truth + np.random.default_rng(seed).normal(0, noise, count))


@pytest.mark.parametrize("noise", [0.2, 0.5, 1.0])
def test_the_noise_of_single_measurements_is_found(space: DecisionSpace, noise: float) -> None:
    found = [estimate_noise(labeled(space, noise, 120, seed)) for seed in range(3)]
    assert np.exp(np.mean(np.log(found))) == pytest.approx(noise, rel=0.5)


def test_the_unit_of_the_metric_is_that_of_its_noise(space: DecisionSpace) -> None:
    labels = labeled(space, 0.5, 60, 0)
    other = LabelSet(space, labels.architectures, labels.values / 100 - 3)
    assert estimate_noise(other) == pytest.approx(estimate_noise(labels) / 100, rel=1e-3)


def test_equal_labels_have_no_noise(space: DecisionSpace) -> None:
    labels = labeled(space, 0.5, 20, 0)
    assert estimate_noise(LabelSet(space, labels.architectures, np.full(20, 3.0))) == 0


@pytest.mark.parametrize("count", [10, 13])
def test_few_labels_have_some_noise(space: DecisionSpace, count: int) -> None:
    labels = labeled(space, 0.5, count, 0)
    assert 0 < estimate_noise(labels) < 2 * labels.values.std()


def test_repetitions_say_how_large_the_noise_is(space: DecisionSpace) -> None:
    rng = np.random.default_rng(0)
    batch = space.sample(30, seed=0)
    runs = rng.normal(0, 5, (30, 1)) + rng.normal(0, 0.3, (30, 3))
    labels = LabelSet(
        space, batch, runs.mean(axis=1), counts=np.full(30, 3), spreads=runs.std(axis=1, ddof=1)
    )
    pooled = np.sqrt(runs.var(axis=1, ddof=1).mean())
    assert estimate_noise(labels) == pytest.approx(pooled)
    assert pooled == pytest.approx(0.3, rel=0.2)


def test_a_mean_of_repetitions_has_less_noise_than_a_measurement(space: DecisionSpace) -> None:
    labels = labeled(space, 0.5, 100, 0)
    means = LabelSet(space, labels.architectures, labels.values, counts=np.full(100, 4))
    assert estimate_noise(means) == pytest.approx(2 * estimate_noise(labels))
