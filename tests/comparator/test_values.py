"""Values of a fitted and of an exported comparator."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ctnas import Comparator, fit_comparator
from ctnas.comparator.presets import ComparatorPreset
from ctnas.errors import ModelError
from ctnas.labels import LabelSet

Small = Callable[[str], ComparatorPreset]
Labeled = Callable[..., LabelSet]


def test_an_exported_comparator_predicts_what_the_fitted_one_does(
    small: Small, labeled: Labeled, tmp_path: Path
) -> None:
    labels = labeled("nasbench201")
    comparator = fit_comparator(labels.space, labels, small("default"))
    comparator.export(tmp_path)
    exported = Comparator.load(tmp_path, provider="cpu", threads=1)
    batch = labels.space.sample(200, seed=0)
    predicted = comparator.predict(batch)
    for here, there in zip(predicted, exported.predict(batch), strict=True):
        np.testing.assert_allclose(here, there, rtol=1e-3)
    assert (predicted.low <= predicted.value).all()
    assert (predicted.value <= predicted.high).all()
    assert labels.values.min() <= np.median(predicted.value) <= labels.values.max()
    order = np.argsort(comparator.encode(batch)[0], kind="stable")
    assert (np.diff(predicted.value[order]) >= 0).all()


def test_a_comparator_that_learned_an_order_only_says_so(small: Small, labeled: Labeled) -> None:
    labels = labeled("nasbench201")
    comparator = fit_comparator(labels.space, labels, small("paper"))
    with pytest.raises(ModelError, match="predicts no values"):
        comparator.predict(labels.architectures)
