"""A space, some architectures of it and their made-up labels."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ctnas.labels import LabelSet
from ctnas.spaces import NasBench201Space

_CHECKOUT = Path(__file__).resolve().parents[2]


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


@pytest.fixture
def published_data() -> Callable[[str], Path]:
    """Return the path of a file of published data; the test is skipped where there is none."""
    folder = Path(os.environ.get("CTNAS_DATA", _CHECKOUT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"no {name} in {folder}; set CTNAS_DATA to the folder that has it")
        return folder / name

    return find
