from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.ensemble import GradientBoostingRegressor

from ctnas.comparator.ensemble import ensemble_consensus
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
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            consensus = ensemble_consensus(known, pool, fit, config, 0, lambda: None)
        return consensus.score

    again = LabelSet(labels.space, other, labels.values, labels.metric)
    np.testing.assert_array_equal(score(again), score(labels))


@pytest.mark.parametrize(("space", "expected"), [("nasbench201", 1), ("mobilenetv3", 0)])
def test_trees_are_asked_where_operations_are_few(
    small: Small, labeled: Labeled, monkeypatch: pytest.MonkeyPatch, space: str, expected: int
) -> None:
    asked = []

    class Trees(GradientBoostingRegressor):
        def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
            asked.append(len(X))
            scores: np.ndarray = super().predict(X)
            return scores

    monkeypatch.setattr("sklearn.ensemble.GradientBoostingRegressor", Trees)
    labels, preset = labeled(space), small("default")
    assert preset.distillation is not None
    pool = labels.space.sample(60, seed=1)
    fit = replace(preset.fit, steps=2)
    consensus = ensemble_consensus(labels, pool, fit, preset.distillation, 0, lambda: None)
    assert asked == [60] * expected
    assert np.isfinite(consensus.score).all()
