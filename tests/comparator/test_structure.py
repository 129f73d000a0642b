"""What is read off graphs, against paths that are walked one by one."""

from collections.abc import Iterator

import numpy as np
import pytest

from ctnas.architecture import INPUT, OUTPUT, GraphBatch
from ctnas.comparator.structure import structural_features
from ctnas.spaces import SearchSpace, get_space, space_names


def paths_of(graphs: GraphBatch, row: int) -> list[list[int]]:
    """Return all paths from an input to the output, as lists of nodes."""

    def walk(path: list[int]) -> Iterator[list[int]]:
        if graphs.operations[row, path[-1]] == OUTPUT:
            yield path
        for follower in np.flatnonzero(graphs.adjacency[row, path[-1]]):
            yield from walk([*path, int(follower)])

    starts = np.flatnonzero(graphs.operations[row] == INPUT)
    return [path for start in starts for path in walk([int(start)])]


def has_column(features: np.ndarray, expected: list[float]) -> bool:
    return bool((np.abs(features - np.array(expected)[:, None]) < 1e-9).all(axis=0).any())


@pytest.fixture
def graphs(space: SearchSpace) -> GraphBatch:
    return space.graphs(space.sample(40, seed=0))


@pytest.fixture
def features(space: SearchSpace, graphs: GraphBatch) -> np.ndarray:
    return structural_features(graphs, len(space.vocabulary))


def test_lengths_and_number_of_paths_are_features(graphs: GraphBatch, features: np.ndarray) -> None:
    lengths = [[len(path) for path in paths_of(graphs, row)] for row in range(40)]
    connected = [each or [0] for each in lengths]
    rows = [row for row in range(40) if lengths[row]]
    assert len(rows) > 20
    assert has_column(features[rows], [max(connected[row]) for row in rows])
    assert has_column(features[rows], [min(connected[row]) for row in rows])
    assert has_column(features, [np.log(max(len(each), 1)) for each in lengths])
    # Edges rather than nodes of a path are averaged.
    assert has_column(features[rows], [np.mean(connected[row]) - 1 for row in rows])


def test_occurrences_of_operations_on_paths_are_features(
    graphs: GraphBatch, features: np.ndarray
) -> None:
    rows = [row for row in range(40) if paths_of(graphs, row)]
    for operation in range(3, 7):
        counts = [
            [sum(graphs.operations[row, path] == operation) for path in paths_of(graphs, row)]
            for row in rows
        ]
        assert has_column(features[rows], [max(each) for each in counts])
        assert has_column(features[rows], [min(each) for each in counts])


def test_counts_of_operations_and_edges_are_features(
    graphs: GraphBatch, features: np.ndarray
) -> None:
    for operation in range(1, 7):
        assert has_column(features, (graphs.operations == operation).sum(axis=1).tolist())
    assert has_column(features, graphs.adjacency.sum(axis=(1, 2)).tolist())


def test_features_do_not_depend_on_the_order_of_nodes(graphs: GraphBatch) -> None:
    order = np.array([0, 2, 1, 3, 4, 5, 6, 7])
    # Only graphs in which neither of the two nodes feeds the other.
    swappable = graphs.adjacency[:, 1, 2] == 0
    before = graphs[swappable]
    after = GraphBatch(
        before.adjacency[:, order][:, :, order].copy(), before.operations[:, order].copy()
    )
    assert len(before) > 10
    np.testing.assert_allclose(
        structural_features(before, 7), structural_features(after, 7), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("space_name", space_names())
def test_features_of_every_space_are_finite_and_as_many_for_any_batch(space_name: str) -> None:
    space = get_space(space_name)
    graphs = space.graphs(space.sample(50, seed=0))
    features = structural_features(graphs, len(space.vocabulary))
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 1e4
    alone = structural_features(graphs[:1], len(space.vocabulary))
    np.testing.assert_allclose(alone, features[:1], rtol=0, atol=1e-12)
