"""What is known besides labels, believed as much as labels tell."""

from collections.abc import Callable

import numpy as np
import pytest

from ctnas import DecisionSpace, LabelSet, fit_comparator
from ctnas.comparator.metrics import kendall_tau
from ctnas.comparator.presets import ComparatorPreset
from ctnas.comparator.prior import checked_priors, prior_scores, with_priors
from ctnas.comparator.stacking import Opinion
from ctnas.errors import ConfigurationError, CtnasError, LabelError

Small = Callable[[str], ComparatorPreset]


@pytest.fixture
def space() -> DecisionSpace:
    widths = [8, 16, 24, 32, 48, 64]
    return DecisionSpace("widths", {f"w{layer}": widths for layer in range(5)})


def column(space: DecisionSpace, count: int, seed: int, sign: float = 1.0) -> LabelSet:
    batch = space.sample(count, seed)
    width = np.array([8, 16, 24, 32, 48, 64])[batch.decisions]
    noise = np.random.default_rng(seed).normal(0, 0.05, count)
    return LabelSet(space, batch, sign * np.log(width).sum(axis=1) + noise, "worth")


def joined(labels: int, said: float, prior: float, seed: int) -> float:
    """Return tau with a prior less tau without it; both are as near to the truth as they say."""
    rng = np.random.default_rng(seed)
    truth, other, error = rng.standard_normal((3, labels + 1_000))
    models = said * truth + np.sqrt(1 - said**2) * error
    known = prior * truth + np.sqrt(1 - prior**2) * other
    opinion = Opinion(models[labels:], models[:labels], 1.0)
    both = with_priors(opinion, known[None, :labels], known[None, labels:], truth[:labels])
    return kendall_tau(both.score, truth[labels:]) - kendall_tau(models[labels:], truth[labels:])


@pytest.mark.parametrize("labels", [10, 20, 50, 100])
@pytest.mark.parametrize("said", [0.5, 0.8])
def test_chance_is_not_believed(labels: int, said: float) -> None:
    change = [joined(labels, said, 0.0, seed) for seed in range(40)]
    assert np.mean(change) > -0.015


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("labels", [10, 20, 50])
def test_what_is_related_helps_also_where_it_is_opposite(labels: int, sign: float) -> None:
    change = [joined(labels, 0.5, sign * 0.8, seed) for seed in range(20)]
    assert np.mean(change) > 0.1


def test_a_column_is_foreseen_where_it_is_not_known(space: DecisionSpace) -> None:
    other = column(space, 500, seed=1)
    said = prior_scores([column(space, 100, seed=0)], space, other.architectures, seed=0)
    assert said.shape == (1, 500)
    assert kendall_tau(said[0], other.values) > 0.9


def test_a_comparator_learns_from_another_and_from_its_opposite(
    space: DecisionSpace, small: Small
) -> None:
    labels, unseen = column(space, 12, seed=2), column(space, 400, seed=3)
    alone = fit_comparator(space, labels, small("default")).kendall_tau(unseen)
    known = fit_comparator(space, column(space, 200, seed=4, sign=-1), small("default"))
    for prior in (known, column(space, 200, seed=5, sign=-1)):
        both = fit_comparator(space, labels, small("default"), prior=[prior])
        assert both.kendall_tau(unseen) > alone


def test_unusable_priors_are_refused(space: DecisionSpace, small: Small) -> None:
    few = column(space, 20, seed=0)
    with pytest.raises(LabelError, match="covers 20 architectures; at least 30 are needed"):
        checked_priors(space, [few])
    flat = LabelSet(space, space.sample(50, seed=0), np.full(50, 3.0), "worth")
    with pytest.raises(LabelError, match="prior 'worth' is 3 everywhere"):
        checked_priors(space, [flat])
    other = DecisionSpace("others", {"w0": [1, 2], "w1": list(range(40))})
    foreign = LabelSet(other, other.sample(50, seed=0), np.arange(50.0))
    with pytest.raises(CtnasError, match=r"'others'.*'widths'"):
        checked_priors(space, [foreign])
    with pytest.raises(ConfigurationError, match=r"preset 'paper'.*takes no prior"):
        fit_comparator(space, few, "paper", prior=[column(space, 40, seed=1)])
