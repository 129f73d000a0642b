"""Losses of the predictors that the comparator is compared with."""

import numpy as np
import pytest
import torch

from ctnas.errors import LabelError
from ctnas.labels import LabelSet
from ctnas.searching.strategies import scores
from ctnas.searching.strategies.scores import fit_scores, pairwise_hinge, squared_error


def test_hinge_loss_is_the_mean_over_ordered_pairs() -> None:
    score = torch.tensor([0.5, -1.0, 2.0])
    target = torch.tensor([1.0, 0.0, 2.0])
    # Pairs (0, 1), (2, 0), (2, 1) have differences 1.5, 1.5 and 3; the margin is 2.
    assert float(pairwise_hinge(score, target, margin=2.0)) == pytest.approx((0.5 + 0.5) / 3)


def test_equal_labels_have_no_hinge_loss() -> None:
    assert float(pairwise_hinge(torch.tensor([0.0, 3.0]), torch.ones(2))) == 0.0


@pytest.mark.parametrize("loss", [squared_error, pairwise_hinge])
def test_a_predictor_learns_the_order_of_its_labels(
    loss: scores.ScoreLoss, labels: LabelSet
) -> None:
    predictor = fit_scores(labels.space, labels, loss, seed=0)
    assert predictor.kendall_tau(labels) > 0.8


@pytest.mark.slow
def test_regression_predicts_standardized_labels(labels: LabelSet) -> None:
    predictor = fit_scores(labels.space, labels, squared_error, seed=0)
    score, opponent = predictor.encode(labels.architectures)
    standardized = (labels.values - labels.values.mean()) / labels.values.std()
    assert np.corrcoef(score, standardized)[0, 1] > 0.9
    assert np.array_equal(opponent, -score)


def test_constant_labels_are_refused(labels: LabelSet) -> None:
    constant = LabelSet(labels.space, labels.architectures, np.ones(len(labels)))
    with pytest.raises(LabelError, match="all 40 labels"):
        fit_scores(labels.space, constant, squared_error, seed=0)


def test_too_few_labels_are_refused(labels: LabelSet) -> None:
    with pytest.raises(LabelError, match="at least 10 labels"):
        fit_scores(labels.space, labels[:9], squared_error, seed=0)
