"""Comparators and what they work on go to other processes, and can be copied."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.runtime import Comparator
from ctnas.labels import LabelSet
from ctnas.spaces import GraphSpace, get_space, space_names

COPIES = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def won(comparator: Comparator, batch: ArchitectureBatch) -> list[float]:
    return comparator.win_probability(batch).tolist()


def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
    return ["input", choice["first"], choice["last"], "output"], [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_of_a_comparator_says_the_same(loaded: Comparator, how: str) -> None:
    batch = loaded.space.sample(20, seed=0)
    twin = COPIES[how](loaded)
    assert won(twin, batch) == won(loaded, batch)
    assert (twin.metadata, twin.provider) == (loaded.metadata, loaded.provider)


def test_a_pickled_comparator_needs_no_file(exported: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "ranker.onnx").write_bytes((exported() / "ranker.onnx").read_bytes())
    comparator = Comparator.load(tmp_path / "ranker.onnx", provider="cpu", threads=1)
    batch = comparator.space.sample(20, seed=0)
    stored = pickle.dumps(comparator)
    (tmp_path / "ranker.onnx").unlink()
    assert won(pickle.loads(stored), batch) == won(comparator, batch)


def test_processes_that_are_spawned_take_a_comparator(loaded: Comparator) -> None:
    batch = loaded.space.sample(20, seed=0)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply_async(Comparator.win_probability, (loaded, batch)).get(timeout=100)
    assert found.tolist() == won(loaded, batch)


@pytest.mark.parametrize("how", COPIES)
def test_a_comparator_that_learns_is_copied(
    fitted: Callable[..., NeuralArchitectureComparator], how: str
) -> None:
    comparator = fitted()
    batch = comparator.space.sample(20, seed=0)
    twin = COPIES[how](comparator)
    assert np.array_equal(twin.win_probability(batch), comparator.win_probability(batch))
    assert twin.metadata() == comparator.metadata()


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", space_names())
def test_spaces_labels_and_batches_are_copied(name: str, how: str) -> None:
    space = get_space(name)
    batch = space.sample(12, seed=0)
    labels = LabelSet(space, batch, np.arange(12.0))
    twin, again = COPIES[how](space), COPIES[how](labels)
    assert twin.format(COPIES[how](batch)) == space.format(batch)
    assert np.array_equal(COPIES[how](space.graphs(batch)).adjacency, space.graphs(batch).adjacency)
    assert again.space.name == name
    assert again.values.tolist() == labels.values.tolist()
    assert np.array_equal(twin.sample(5, seed=1).decisions, space.sample(5, seed=1).decisions)


@pytest.mark.parametrize("how", COPIES)
def test_a_space_of_ones_own_and_its_ranking_are_copied(loaded: Comparator, how: str) -> None:
    space = GraphSpace("mine", {"first": ["a", "b"], "last": ["a", "c"]}, wire)
    batch = space.sample(4, seed=0)
    assert COPIES[how](space).format(batch) == space.format(batch)
    ranking = loaded.rank(loaded.space.sample(20, seed=0), top=3)
    assert COPIES[how](ranking).indices.tolist() == ranking.indices.tolist()
