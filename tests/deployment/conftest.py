"""A small comparator of the NAS-Bench-201 space, exported, and copies of it to damage."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.presets import comparator_preset
from ctnas.labels import LabelSet
from ctnas.spaces import get_space

Edit = Callable[[onnx.ModelProto], None]


def export(directory: Path, seed: int) -> Path:
    space = get_space("nasbench201")
    preset = comparator_preset("default")
    small = replace(
        preset,
        encoder=replace(preset.encoder, width=16, layers=2),
        fit=replace(preset.fit, steps=20, epochs=0, learning_rate=1e-2),
        distillation=None,
    )
    batch = space.sample(40, seed=seed)
    labels = LabelSet(space, batch, (batch.decisions == 3).sum(axis=1) + np.linspace(0, 0.1, 40))
    fit_comparator(space, labels, small, seed=seed).export(directory)
    return directory


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("exported"), seed=0)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another comparator of the same space."""
    return export(tmp_path_factory.mktemp("other"), seed=1)


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """The exported comparator, free to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "copy"))


@pytest.fixture
def edit(copy: Path) -> Callable[[str, Edit], Path]:
    """Change a file of the copy; return the copy's directory."""

    def change(file: str, how: Edit) -> Path:
        model = onnx.load(copy / file)
        how(model)
        onnx.save(model, copy / file)
        return copy

    return change
