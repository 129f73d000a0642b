"""Direction and repetitions of labels in a ledger."""

from pathlib import Path

import numpy as np
import optuna
import pytest

from ctnas.labels import LabelSet, Ledger
from ctnas.labels.label import labels_by_text
from ctnas.spaces import NasBench201Space

SPACE = NasBench201Space()


def test_direction_is_that_of_the_study(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    texts = SPACE.format(SPACE.sample(3, seed=0))
    with Ledger.create(path, SPACE, "latency_ms", minimize=True) as ledger:
        for text, value in zip(texts, (5.0, 2.0, 7.0), strict=True):
            ledger.append(text, value)
        labels = ledger.labels(SPACE)
    assert labels.minimize
    assert labels.values.tolist() == [-5, -2, -7]
    study = optuna.load_study(study_name="labels", storage=f"sqlite:///{path}")
    assert study.best_value == 2


def test_mean_number_and_spread_come_back(tmp_path: Path) -> None:
    batch = SPACE.sample(3, seed=0)
    labels = LabelSet(SPACE, batch[[0, 1, 0, 2, 2]], [1.0, 2.0, 3.0, 4.0, 4.0])
    with Ledger.create(tmp_path / "labels.db", SPACE, "accuracy") as ledger:
        for text, label in labels_by_text(labels).items():
            ledger.append(text, label.value, **label.attributes)
        again = ledger.labels(SPACE)
    assert again.counts.tolist() == [2, 1, 2]
    np.testing.assert_allclose(again.spreads, [2**0.5, np.nan, 0])
    np.testing.assert_array_equal(again.values, labels.values)


@pytest.mark.parametrize("value", [1, np.float32(1), np.int64(1), np.array(1.0)])
def test_labels_of_any_number_are_appended(tmp_path: Path, value: float) -> None:
    text = SPACE.format(SPACE.sample(1, seed=0))[0]
    with Ledger.create(tmp_path / "labels.db", SPACE, "accuracy") as ledger:
        assert ledger.append(text, value)
        assert ledger.values.tolist() == [1]
