from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ctnas import DecisionSpace
from ctnas.comparator import ensemble
from ctnas.comparator.ensemble import ensemble_consensus, shown_labels
from ctnas.comparator.metrics import kendall_tau
from ctnas.comparator.presets import ComparatorPreset
from ctnas.comparator.spread import normal_scores
from ctnas.labels import LabelSet

Small = Callable[[str], ComparatorPreset]
Labeled = Callable[..., LabelSet]


def test_decisions_on_layers_that_do_not_exist_do_not_matter(
    small: Small, labeled: Labeled
) -> None:
    labels, preset = labeled("mobilenetv3"), small("default")
    config, fit = preset.distillation, replace(preset.fit, steps=2)
    assert config is not None
    units = labels.architectures.decisions.reshape(len(labels), 5, 1 + 2 * 4).copy()
    lacking = np.repeat(np.arange(4) >= 2 + units[:, :, :1], 2, axis=2)
    units[:, :, 1:][lacking] = np.random.default_rng(0).integers(0, 3, lacking.sum())
    other = labels.space.batch(units.reshape(len(labels), -1))
    assert (other.decisions != labels.architectures.decisions).any()

    def score(known: LabelSet) -> np.ndarray:
        pool = labels.space.sample(60, seed=1)
        consensus = ensemble_consensus(known, pool, fit, config, 0, lambda _: None)
        return consensus.score

    again = LabelSet(labels.space, other, labels.values, labels.metric)
    np.testing.assert_array_equal(score(again), score(labels))


@pytest.mark.parametrize("space", ["nasbench201", "mobilenetv3"])
@pytest.mark.parametrize("count", [10, 40])
def test_an_ensemble_of_any_number_of_labels_thinks_something_of_every_architecture(
    small: Small, labeled: Labeled, space: str, count: int
) -> None:
    labels, preset = labeled(space)[:count], small("default")
    assert preset.distillation is not None
    pool = labels.space.sample(60, seed=1)
    fit = replace(preset.fit, steps=2)
    consensus = ensemble_consensus(labels, pool, fit, preset.distillation, 0, lambda _: None)
    assert np.isfinite(consensus.score).all()
    assert consensus.score.std() == pytest.approx(1)
    assert 0 < consensus.error < np.inf


def test_costs_that_add_up_over_blocks_are_foreseen_by_a_few_labels() -> None:
    choices = {"kernel": [3, 5, 7], "width": [16, 32, 64], "layers": [1, 2, 3]}
    names = {f"block{b}_{name}": given for b in range(5) for name, given in choices.items()}
    space = DecisionSpace("blocks", names)
    batch = space.sample(1_000, seed=0)
    numbers = np.stack(
        [np.array(d.numbers)[batch.decisions[:, at]] for at, d in enumerate(space.decisions)], 1
    )
    kernel, width, layers = numbers[:, 0::3], numbers[:, 1::3], numbers[:, 2::3]
    cost = (layers * width * (kernel**2 + 10.0)).sum(axis=1)
    labels = LabelSet(space, batch[range(80)], cost[:80], "latency_ms", minimize=True)
    additive, ranked = ensemble._opinions_of_blocks(
        labels, batch[range(80, 1_000)], normal_scores(labels.values)
    )
    assert additive.additive
    assert kendall_tau(additive.score, -cost[80:]) > 0.9
    assert kendall_tau(ranked.score, -cost[80:]) > 0.7


@pytest.mark.parametrize("count", [10, 11, 100, 424])
@pytest.mark.parametrize("members", [1, 4])
def test_no_label_is_held_back_from_two_networks(count: int, members: int) -> None:
    held = ~shown_labels(count, members, seed=3)
    assert held.sum(axis=0).max() == 1
    assert held.sum(axis=1).min() >= 1
    assert (held.sum(axis=1) <= np.ceil(count / 2)).all()
