"""Small comparators, fitted in a moment, of every space and preset, and their exported files."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import ComparatorPreset, comparator_preset
from ctnas.comparator.runtime import Comparator
from ctnas.labels import LabelSet
from ctnas.spaces import SearchSpace, get_space

Small = Callable[[str], ComparatorPreset]
Labeled = Callable[..., LabelSet]
Fitted = Callable[..., NeuralArchitectureComparator]
Exported = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@cache
def small_preset(name: str) -> ComparatorPreset:
    preset = comparator_preset(name)
    distillation = preset.distillation
    if distillation is not None:
        distillation = replace(
            distillation,
            convolution=replace(distillation.convolution, width=16, layers=2),
            convolutions=1,
            flow=replace(distillation.flow, width=16),
            flows=1,
            pool=400,
            steps=80,
        )
    return replace(
        preset,
        encoder=replace(preset.encoder, width=16, layers=2),
        fit=replace(preset.fit, steps=40, epochs=0, learning_rate=1e-2),
        distillation=distillation,
    )


@cache
def made_up_labels(space_name: str, count: int = 40, seed: int = 0) -> LabelSet:
    """Return labels to which every choice contributes, the same wherever it is made."""
    space = get_space(space_name)
    generator = np.random.default_rng(seed)
    batch = space.sample(count, generator)
    values = np.zeros(count)
    effects: dict[tuple[str, ...], np.ndarray] = {}
    for decision, column in zip(space.decisions, batch.decisions.T, strict=True):
        effect = effects.setdefault(decision.choices, generator.normal(size=len(decision)))
        values += effect[column]
    return LabelSet(space, batch, values, "made_up")


@cache
def fitted_comparator(
    space_name: str = "nasbench201", preset: str = "default"
) -> NeuralArchitectureComparator:
    labels = made_up_labels(space_name)
    return fit_comparator(labels.space, labels, small_preset(preset), seed=0)


@pytest.fixture
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture
def small() -> Small:
    """Return a preset of that name that fits in a moment."""
    return small_preset


@pytest.fixture
def labeled() -> Labeled:
    """Return made-up labels of a space."""
    return made_up_labels


@pytest.fixture
def fitted() -> Fitted:
    """Return the comparator of a space and preset; it is shared and must not be changed."""
    return fitted_comparator


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Return the directory to which the comparator of a space and preset was exported."""

    @cache
    def export(space_name: str = "nasbench201", preset: str = "default") -> Path:
        directory = tmp_path_factory.mktemp(f"{space_name}-{preset}")
        fitted_comparator(space_name, preset).export(directory)
        return directory

    return export


@pytest.fixture
def loaded(exported: Exported) -> Comparator:
    return Comparator.load(exported(), provider="cpu")
