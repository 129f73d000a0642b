import warnings

import numpy as np
import pytest

from ctnas.errors import LabelError, LabelWarning
from ctnas.labels import LabelSet
from ctnas.labels.information import is_lower_better
from ctnas.spaces import NasBench201Space

SPACE = NasBench201Space()
BATCH = SPACE.sample(20, seed=0)


def test_labels_that_are_all_equal_are_refused() -> None:
    labels = LabelSet(SPACE, BATCH, np.full(20, 0.5))
    with pytest.raises(LabelError, match=r"all 20 labels of validation_accuracy are 0[.]5: "):
        labels.require()


def test_more_than_nine_in_ten_equal_labels_are_warned_of() -> None:
    values = np.full(20, 0.5)
    values[0] = 1.0
    with pytest.warns(LabelWarning, match="^19 of 20 labels of validation_accuracy are 0.5"):
        LabelSet(SPACE, BATCH, values).require()
    values[1] = 2.0
    LabelSet(SPACE, BATCH, values).require()


@pytest.mark.parametrize(
    "metric",
    [
        *("loss", "val_loss", "error", "top1_error", "TestError", "latency", "latency_ms"),
        *("perplexity", "runtime", "inference.time", "ms_per_token", "seconds-per-image"),
        *("negative_log_likelihood", "nll", "valRMSE", "p99 latency (ms)", "MAdds", "params"),
    ],
)
def test_names_of_what_is_better_lower(metric: str) -> None:
    with pytest.warns(LabelWarning, match="give --minimize, in Python minimize=True"):
        LabelSet(SPACE, BATCH, np.arange(20), metric)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LabelSet(SPACE, BATCH, np.arange(20), metric, minimize=True)


@pytest.mark.parametrize(
    "metric",
    [
        *("accuracy", "top1", "log_likelihood", "images_per_second", "throughput", "neg_loss"),
        *("terror_recall", "milestones", "negative_error", "bleu", "timeliness", ""),
    ],
)
def test_names_of_what_is_better_higher(metric: str) -> None:
    assert not is_lower_better(metric)
