"""What is read off graphs, against paths that are walked one by one."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from ctnas.architecture import INPUT, OUTPUT, GraphBatch, without_dead_nodes
from ctnas.comparator.structure import MANY_OPERATIONS, graph_features
from ctnas.spaces import SearchSpace, get_space, space_names

Features = Callable[[GraphBatch, int], np.ndarray]


def structural_features(graphs: GraphBatch, vocabulary: int) -> np.ndarray:
    return graph_features(graphs, vocabulary)[0]


def path_averages(graphs: GraphBatch, vocabulary: int) -> np.ndarray:
    return graph_features(graphs, vocabulary)[1]


READINGS = (structural_features, path_averages)


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


def test_what_operations_are_connected_to_is_counted(graphs: GraphBatch) -> None:
    features = structural_features(graphs, 7)
    ids, edges = graphs.operations, graphs.adjacency.astype(np.float64)
    for operation in range(1, 7):
        here = ids == operation
        into, out = (edges.sum(axis=axis) for axis in (1, 2))
        from_input = (edges * (ids == INPUT)[:, :, None]).sum(axis=1)
        to_output = (edges * (ids == OUTPUT)[:, None, :]).sum(axis=2)
        for place, each in enumerate((into, out, from_input, to_output)):
            column = 5 + (1 + place) * 6 + operation - 1
            np.testing.assert_array_equal(features[:, column], (each * here).sum(axis=1))
        for other in range(1, 7):
            between = edges * here[:, :, None] * (ids == other)[:, None, :]
            column = 5 + (5 + operation - 1) * 6 + other - 1
            np.testing.assert_array_equal(features[:, column], between.sum(axis=(1, 2)))


def met_by_a_walk(graphs: GraphBatch, row: int, node: int, operation: int) -> float:
    """Return how often a walk from a node against the edges meets an operation, on average."""
    met = float(graphs.operations[row, node] == operation)
    predecessors = np.flatnonzero(graphs.adjacency[row, :, node])
    if len(predecessors):
        further = [met_by_a_walk(graphs, row, int(p), operation) for p in predecessors]
        met += sum(further) / len(further)
    return met


def several_inputs(count: int) -> GraphBatch:
    """Return graphs of two inputs and up to six operations, whose output is not the last node."""
    rng = np.random.default_rng(0)
    adjacency = np.triu(rng.random((count, 9, 9)) < 0.4, 1).astype(np.uint8)
    operations = rng.integers(3, 7, (count, 9))
    operations[:, :2], operations[:, -1] = INPUT, OUTPUT
    adjacency[:, :, 1] = 0
    return without_dead_nodes(GraphBatch(adjacency, operations))


@pytest.mark.parametrize("wired", ["nasbench201", "darts", "several inputs"])
def test_what_a_path_meets_on_average_is_counted_on_all_paths(wired: str) -> None:
    if wired == "several inputs":
        vocabulary, graphs = 7, several_inputs(40)
    else:
        space = get_space(wired)
        vocabulary, graphs = len(space.vocabulary), space.graphs(space.sample(40, seed=0))
    means, avoiding, walks = np.split(path_averages(graphs, vocabulary), 3, axis=1)
    for row in range(len(graphs)):
        paths = [graphs.operations[row, path].tolist() for path in paths_of(graphs, row)]
        (output,) = np.flatnonzero(graphs.operations[row] == OUTPUT)
        for column, operation in enumerate(range(3, vocabulary)):
            counts = [path.count(operation) for path in paths] or [0]
            assert means[row, column] == pytest.approx(np.mean(counts))
            without = [count == 0 for count in counts] if paths else [False]
            assert avoiding[row, column] == pytest.approx(np.mean(without))
            expected = met_by_a_walk(graphs, row, int(output), operation)
            assert walks[row, column] == pytest.approx(expected)


def test_an_output_that_nothing_reaches_meets_nothing_on_average() -> None:
    empty = GraphBatch(np.zeros((1, 4, 4), np.uint8), np.array([[INPUT, OUTPUT, 0, 0]]))
    assert path_averages(empty, 7).tolist() == [[0.0] * 12]


def test_many_operations_have_no_averages_over_paths(graphs: GraphBatch) -> None:
    assert path_averages(graphs, MANY_OPERATIONS).shape == (40, 3 * (MANY_OPERATIONS - 3))
    assert path_averages(graphs, MANY_OPERATIONS + 1).shape == (40, 0)


@pytest.mark.parametrize("read", READINGS)
def test_features_do_not_depend_on_the_order_of_nodes(read: Features, graphs: GraphBatch) -> None:
    order = np.array([0, 2, 1, 3, 4, 5, 6, 7])
    # Only graphs in which neither of the two nodes feeds the other.
    swappable = graphs.adjacency[:, 1, 2] == 0
    before = graphs[swappable]
    after = GraphBatch(
        before.adjacency[:, order][:, :, order].copy(), before.operations[:, order].copy()
    )
    assert len(before) > 10
    np.testing.assert_allclose(read(before, 7), read(after, 7), rtol=0, atol=1e-12)


@pytest.mark.parametrize("read", READINGS)
@pytest.mark.parametrize("space_name", space_names())
def test_features_of_every_space_are_finite_and_as_many_for_any_batch(
    space_name: str, read: Features
) -> None:
    space = get_space(space_name)
    graphs = space.graphs(space.sample(50, seed=0))
    features = read(graphs, len(space.vocabulary))
    assert np.isfinite(features).all()
    assert np.abs(features).max(initial=0) < 1e4
    alone = read(graphs[:1], len(space.vocabulary))
    np.testing.assert_allclose(alone, features[:1], rtol=0, atol=1e-12)
