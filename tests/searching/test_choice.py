"""The final choice: a label counts as much as it is not noise."""

import numpy as np
import pytest

from ctnas.searching.choice import shrunken_labels


def test_labels_without_noise_are_believed_as_they_are() -> None:
    values, predicted = np.array([3.0, 1.0, 2.0, 5.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert np.array_equal(shrunken_labels(values, predicted, 0.0), values)


def test_shrinking_recovers_the_truth_better_than_labels_or_predictions() -> None:
    generator = np.random.default_rng(0)
    predicted = generator.normal(size=4000)
    truth = predicted + 0.3 * generator.normal(size=4000)
    labels = 90 + 2 * (truth + 0.4 * generator.normal(size=4000))
    believed = (shrunken_labels(labels, predicted, noise=0.8) - 90) / 2
    error = np.sqrt(np.mean((believed - truth) ** 2))
    # The standard deviation of the posterior of two independent measurements of one thing.
    assert error == pytest.approx(1 / np.sqrt(1 / 0.3**2 + 1 / 0.4**2), rel=0.03)


def test_where_all_is_noise_the_prediction_decides() -> None:
    generator = np.random.default_rng(1)
    predicted = np.arange(50.0)
    labels = predicted + generator.normal(size=50)
    believed = shrunken_labels(labels, predicted, noise=100.0)
    assert np.array_equal(np.argsort(believed), np.arange(50))


def test_failed_trainings_do_not_change_what_is_believed_of_others() -> None:
    generator = np.random.default_rng(2)
    predicted = generator.normal(size=200)
    labels = predicted + 0.3 * generator.normal(size=200)
    failed = labels.copy()
    failed[:4] = -80.0
    difference = shrunken_labels(failed, predicted, 0.2) - shrunken_labels(labels, predicted, 0.2)
    assert np.abs(difference[4:]).max() < 0.1


def test_constant_predictions_leave_the_labels() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert np.array_equal(shrunken_labels(values, np.ones(3), 1.0), values)
