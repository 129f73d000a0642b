"""A space, some architectures of it and their made-up labels."""

import numpy as np
import pytest

from ctnas.labels import LabelSet
from ctnas.spaces import NasBench201Space


@pytest.fixture
def space() -> NasBench201Space:
    return NasBench201Space()


@pytest.fixture
def labels(space: NasBench201Space) -> LabelSet:
    values = np.random.default_rng(1).random(40)
    return LabelSet(space, space.sample(40, seed=0), values, "accuracy")


@pytest.fixture
def texts(labels: LabelSet) -> list[str]:
    return labels.space.format(labels.architectures)
