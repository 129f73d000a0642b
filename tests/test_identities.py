"""Graphs without the operations that pass on what they get, against paths walked one by one."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from ctnas.architecture import (
    INPUT,
    OUTPUT,
    PADDING,
    GraphBatch,
    without_dead_nodes,
    without_identities,
)
from ctnas.spaces import get_space

CONV, POOL, SKIP, COPY = 3, 4, 5, 6
SKIP_OF_NASBENCH201 = 3


def one_graph(operations: list[int], edges: list[tuple[int, int]]) -> GraphBatch:
    adjacency = np.zeros((1, len(operations), len(operations)), np.uint8)
    for source, target in edges:
        adjacency[0, source, target] = 1
    return GraphBatch(adjacency, np.array([operations]))


def random_graphs(count: int, nodes: int, seed: int) -> GraphBatch:
    """Return graphs of two inputs, in which every other operation passes on what it gets."""
    rng = np.random.default_rng(seed)
    adjacency = np.triu(rng.random((count, nodes, nodes)) < 0.35, 1).astype(np.uint8)
    operations = rng.integers(CONV, COPY + 1, (count, nodes))
    operations[:, :2], operations[:, -1] = INPUT, OUTPUT
    adjacency[:, :, 1] = 0
    return without_dead_nodes(GraphBatch(adjacency, operations))


def nasbench201_graphs(count: int) -> GraphBatch:
    space = get_space("nasbench201")
    assert space.vocabulary[SKIP_OF_NASBENCH201] == "skip_connect"
    return space.graphs(space.sample(count, seed=0))


def paths_of(graphs: GraphBatch, row: int) -> list[tuple[int, ...]]:
    """Return all paths from an input to the output, as tuples of nodes."""
    operations, adjacency = graphs.operations[row].tolist(), graphs.adjacency[row]
    followers = [np.flatnonzero(edges).tolist() for edges in adjacency]

    def walk(path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if operations[path[-1]] == OUTPUT:
            yield path
        for follower in followers[path[-1]]:
            yield from walk((*path, follower))

    starts = [node for node, operation in enumerate(operations) if operation == INPUT]
    return [path for start in starts for path in walk((start,))]


def sequences(graphs: GraphBatch, row: int, deleted: list[int]) -> set[tuple[int, ...]]:
    """Return the operations on each path, without the deleted ones."""
    operations = graphs.operations[row].tolist()
    return {
        tuple(operations[node] for node in path if operations[node] not in deleted)
        for path in paths_of(graphs, row)
    }


def test_paths_of_nasbench201_cells_meet_the_same_operations_but_identities() -> None:
    graphs = nasbench201_graphs(1500)
    changed = without_identities(graphs, [SKIP_OF_NASBENCH201])
    assert (changed.operations != graphs.operations).any(axis=1).sum() > 500
    for row in range(len(graphs)):
        expected = sequences(graphs, row, [SKIP_OF_NASBENCH201])
        assert sequences(changed, row, []) == expected


@pytest.mark.parametrize(
    ("graphs", "identities"),
    [(nasbench201_graphs(500), [SKIP_OF_NASBENCH201]), (random_graphs(400, 9, 1), [SKIP, COPY])],
    ids=["nasbench201", "random"],
)
def test_edges_are_those_of_the_paths_with_identities_taken_out(
    graphs: GraphBatch, identities: list[int]
) -> None:
    changed = without_identities(graphs, identities)
    for row, operations in enumerate(graphs.operations.tolist()):
        kept = [n for n, o in enumerate(operations) if o not in {PADDING, *identities}]
        shortened = [[n for n in path if n in kept] for path in paths_of(graphs, row)]
        edges = {edge for path in shortened for edge in pairwise(path)}
        found = np.argwhere(changed.adjacency[row])
        assert {(kept[i], kept[j]) for i, j in found} == edges
        assert changed.operations[row, : len(kept)].tolist() == [operations[n] for n in kept]
        assert not changed.operations[row, len(kept) :].any()


@pytest.mark.parametrize(
    ("graphs", "identities"),
    [(nasbench201_graphs(1500), [SKIP_OF_NASBENCH201]), (random_graphs(400, 9, 2), [SKIP, COPY])],
    ids=["nasbench201", "random"],
)
def test_result_is_a_graph_as_others_are(graphs: GraphBatch, identities: list[int]) -> None:
    changed = without_identities(graphs, identities)
    assert changed.adjacency.shape == graphs.adjacency.shape
    assert not np.isin(changed.operations, identities).any()
    assert not np.tril(changed.adjacency).any()
    live = changed.operations != PADDING
    assert (np.diff(live.astype(int), axis=1) <= 0).all()
    for row in range(len(changed)):
        on_paths = {node for path in paths_of(changed, row) for node in path}
        ends = np.flatnonzero(np.isin(changed.operations[row], [INPUT, OUTPUT]))
        assert set(np.flatnonzero(live[row])) == on_paths | set(ends)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_identities_in_a_row_become_one_edge(length: int) -> None:
    chain = [INPUT, CONV, *[SKIP] * length, POOL, OUTPUT]
    graph = one_graph(chain, [(node, node + 1) for node in range(len(chain) - 1)])
    changed = without_identities(graph, [SKIP])
    assert changed.operations.tolist() == [[INPUT, CONV, POOL, OUTPUT, *[PADDING] * length]]
    assert np.argwhere(changed.adjacency[0]).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_all_that_feeds_an_identity_feeds_all_that_it_fed() -> None:
    # Two feed an identity, that feeds another, and both feed something.
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (3, 5), (4, 6), (5, 7), (6, 7)]
    graph = one_graph([INPUT, CONV, POOL, SKIP, COPY, CONV, POOL, OUTPUT], edges)
    changed = without_identities(graph, [SKIP, COPY])
    live = [INPUT, CONV, POOL, CONV, POOL, OUTPUT]
    assert changed.operations.tolist() == [[*live, PADDING, PADDING]]
    expected = [[0, 1], [0, 2], [1, 3], [1, 4], [2, 3], [2, 4], [3, 5], [4, 5]]
    assert np.argwhere(changed.adjacency[0]).tolist() == expected


def test_identities_alone_become_an_edge_from_input_to_output() -> None:
    graph = one_graph([INPUT, SKIP, SKIP, OUTPUT], [(0, 1), (1, 2), (0, 2), (2, 3)])
    changed = without_identities(graph, [SKIP])
    assert changed.operations.tolist() == [[INPUT, OUTPUT, PADDING, PADDING]]
    assert np.argwhere(changed.adjacency[0]).tolist() == [[0, 1]]


def test_graphs_without_identities_stay_as_they_are() -> None:
    graphs = nasbench201_graphs(300)
    apart = ~(graphs.operations == SKIP_OF_NASBENCH201).any(axis=1)
    assert 50 < apart.sum() < 250
    for identities, rows in (([], slice(None)), ([SKIP_OF_NASBENCH201], apart)):
        changed = without_identities(graphs, identities)
        np.testing.assert_array_equal(changed.adjacency[rows], graphs.adjacency[rows])
        np.testing.assert_array_equal(changed.operations[rows], graphs.operations[rows])


def test_given_graphs_are_not_changed() -> None:
    graphs = nasbench201_graphs(100)
    adjacency, operations = graphs.adjacency.copy(), graphs.operations.copy()
    without_identities(graphs, [SKIP_OF_NASBENCH201])
    np.testing.assert_array_equal(graphs.adjacency, adjacency)
    np.testing.assert_array_equal(graphs.operations, operations)
