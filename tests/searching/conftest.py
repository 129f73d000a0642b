"""A small comparator of the NAS-Bench-201 space, and a small space that can be enumerated."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import comparator_preset
from ctnas.labels import LabelSet
from ctnas.searching.scoring import CoreScorer
from ctnas.spaces import Costs, GraphSpace, NasBench201Space, SearchSpace, get_space


class CostedSpace(NasBench201Space):
    """A space that knows costs: an operation at its choice c takes c million multiply-adds."""

    def costs(self, batch: ArchitectureBatch) -> Costs:
        self.check(batch)
        total = batch.decisions.sum(axis=1).astype(np.float64)
        return Costs(madds=1e6 * total, parameters=1e3 * total)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture(scope="session")
def costed() -> SearchSpace:
    return CostedSpace()


@pytest.fixture(scope="session")
def labels(space: SearchSpace) -> LabelSet:
    """Return labels to which every choice of every decision contributes."""
    generator = np.random.default_rng(0)
    batch = space.sample(40, generator)
    effects = generator.normal(size=(len(space.decisions), int(space.choices.max())))
    values = effects[np.arange(len(space.decisions)), batch.decisions].sum(axis=1)
    return LabelSet(space, batch, values, "made_up")


@pytest.fixture(scope="session")
def fit() -> Callable[..., NeuralArchitectureComparator]:
    """Return a function that fits a small comparator to labels in a moment."""
    preset = comparator_preset("default")
    small = replace(
        preset,
        encoder=replace(preset.encoder, width=16, layers=2, dropout=0.1),
        fit=replace(preset.fit, steps=40, epochs=0, learning_rate=1e-2),
        distillation=None,
    )

    def fit(labels: LabelSet, seed: int = 0) -> NeuralArchitectureComparator:
        return fit_comparator(labels.space, labels, small, seed)

    return fit


@pytest.fixture
def comparator(
    fit: Callable[..., NeuralArchitectureComparator], labels: LabelSet
) -> NeuralArchitectureComparator:
    """Return a comparator that the test may change."""
    return fit(labels)


@pytest.fixture
def scorer(comparator: NeuralArchitectureComparator) -> CoreScorer:
    return CoreScorer(comparator, "cpu")


@pytest.fixture(scope="session")
def chain() -> GraphSpace:
    """Return a space of 24 chains."""

    def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        nodes = ["input", choice["first"], choice["second"], choice["third"], "output"]
        return nodes, [(node, node + 1) for node in range(4)]

    decisions = {"first": ["a", "b"], "second": ["a", "b", "c", "d"], "third": ["b", "c", "d"]}
    return GraphSpace("chain", decisions, wire)


@pytest.fixture
def small_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few candidates from a large space."""
    for name, value in (("DRAWN", 200), ("PARENTS", 5), ("CHILDREN", 4)):
        monkeypatch.setattr(f"ctnas.searching.candidates.{name}", value)
