from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ctnas.comparator.ensemble import ensemble_consensus, shown_labels
from ctnas.comparator.presets import ComparatorPreset
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


@pytest.mark.parametrize("count", [10, 11, 100, 424])
@pytest.mark.parametrize("members", [1, 4])
def test_no_label_is_held_back_from_two_networks(count: int, members: int) -> None:
    held = ~shown_labels(count, members, seed=3)
    assert held.sum(axis=0).max() == 1
    assert held.sum(axis=1).min() >= 1
    assert (held.sum(axis=1) <= np.ceil(count / 2)).all()
