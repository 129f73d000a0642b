"""A small comparator of the NAS-Bench-201 space, exported and loaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import comparator_preset
from ctnas.comparator.runtime import Comparator
from ctnas.labels import LabelSet
from ctnas.spaces import SearchSpace, get_space


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture(scope="session")
def directory(space: SearchSpace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported comparator, as a user has it."""
    preset = comparator_preset("default")
    small = replace(
        preset,
        encoder=replace(preset.encoder, width=16, layers=2),
        fit=replace(preset.fit, steps=40, epochs=0, learning_rate=1e-2),
        distillation=None,
    )
    batch = space.sample(40, seed=0)
    # The more convolutions of three by three, the better.
    labels = LabelSet(space, batch, (batch.decisions == 3).sum(axis=1) + np.linspace(0, 0.1, 40))
    directory = tmp_path_factory.mktemp("exported")
    fit_comparator(space, labels, small, seed=0).export(directory)
    return directory


@pytest.fixture(scope="session")
def comparator(directory: Path) -> Comparator:
    return Comparator.load(directory, provider="cpu")
