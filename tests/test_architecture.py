"""Batches of architectures and graphs, and the removal of dead nodes."""

import numpy as np
import pytest

from ctnas.architecture import (
    INPUT,
    OUTPUT,
    PADDING,
    ArchitectureBatch,
    GraphBatch,
    without_dead_nodes,
)
from ctnas.errors import ArchitectureError


def _graph(operations, edges):
    adjacency = np.zeros((1, len(operations), len(operations)), dtype=np.uint8)
    for i, j in edges:
        adjacency[0, i, j] = 1
    return GraphBatch(adjacency, np.array([operations], dtype=np.int64))


def test_nodes_off_every_path_are_removed_and_gaps_close():
    # 1 leads nowhere, 2 comes from nowhere, 3 lies on the path.
    graph = _graph([INPUT, 7, 8, 9, OUTPUT], [(0, 1), (2, 4), (0, 3), (3, 4)])
    alive = without_dead_nodes(graph)
    assert alive.operations.tolist() == [[INPUT, 9, OUTPUT, PADDING, PADDING]]
    assert np.argwhere(alive.adjacency[0]).tolist() == [[0, 1], [1, 2]]


def test_no_path_leads_through_padding():
    graph = _graph([INPUT, 7, PADDING, OUTPUT], [(0, 1), (1, 2), (2, 3)])
    alive = without_dead_nodes(graph)
    assert alive.operations.tolist() == [[INPUT, OUTPUT, PADDING, PADDING]]
    assert not alive.adjacency.any()


def test_removal_agrees_with_a_search_for_paths():
    generator = np.random.default_rng(0)
    shape = (300, 8, 8)
    adjacency = np.triu(generator.random(shape) < 0.25, k=1).astype(np.uint8)
    operations = generator.integers(0, 6, size=shape[:2])
    operations[operations == OUTPUT] = 5
    operations[:, 0], operations[:, -1] = INPUT, OUTPUT
    alive = without_dead_nodes(GraphBatch(adjacency, operations))
    for row in range(len(alive)):
        kept = sorted(_on_paths(adjacency[row], operations[row]))
        assert alive.operations[row, : len(kept)].tolist() == operations[row, kept].tolist()
        assert not alive.operations[row, len(kept) :].any()
        edges = alive.adjacency[row, : len(kept), : len(kept)]
        assert edges.tolist() == adjacency[row][np.ix_(kept, kept)].tolist()
        assert edges.sum() == alive.adjacency[row].sum()


def _on_paths(adjacency, operations):
    """Return inputs, the output and all nodes on paths between them, by depth-first search."""
    kept = {node for node, operation in enumerate(operations) if operation in {INPUT, OUTPUT}}

    def walk(path):
        if operations[path[-1]] == OUTPUT:
            kept.update(path)
        for successor in np.flatnonzero(adjacency[path[-1]]):
            if operations[successor] != PADDING:
                walk([*path, int(successor)])

    for node in np.flatnonzero(operations == INPUT):
        walk([int(node)])
    return kept


def test_batches_of_different_spaces_are_not_joined():
    rows = np.zeros((1, 2), dtype=np.int16)
    with pytest.raises(ArchitectureError, match=r"\['a', 'b'\]"):
        ArchitectureBatch.concatenate([ArchitectureBatch("a", rows), ArchitectureBatch("b", rows)])


@pytest.mark.parametrize(
    "rows",
    [[[1, 2]], ((1.0, 2.0),), np.array([[1, 2]]), np.array([[1, 2]], dtype=np.float32)],
)
def test_whole_numbers_of_any_type_are_decisions(rows):
    batch = ArchitectureBatch("a", rows)
    assert batch.decisions.dtype == np.int16
    assert batch.decisions.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([1, 2], "must be int16 .N, T., not int64 of rank 1"),
        ([["a"]], "must be int16 .N, T., not <U1 of rank 2"),
        ([[1.5]], "which has no 1.5"),
        ([[70_000]], "which has no 70000"),
        ([[float("nan")]], "which has no nan"),
        ("a", "must be a list or array of numbers, not 'a'"),
        ([[1], [1, 2]], "not of lists"),
    ],
)
def test_rows_that_are_no_decisions_are_refused(rows, message):
    with pytest.raises(ArchitectureError, match=message):
        ArchitectureBatch("a", rows)


def test_one_row_is_a_batch_and_rows_are_chosen_by_numbers():
    batch = ArchitectureBatch("a", [[1, 2], [3, 4]])
    assert batch[1] == batch[np.int64(-1)] == batch[[1]]
    assert [len(row) for row in batch] == [1, 1]
    with pytest.raises(TypeError, match="rows are chosen by a slice, by numbers"):
        batch["a"]
    with pytest.raises(IndexError, match="out of bounds"):
        batch[2]


def test_graphs_are_of_any_whole_numbers():
    graphs = GraphBatch([[[False, True], [False, False]]], [[1.0, 2.0]])
    assert (graphs.adjacency.dtype, graphs.operations.dtype) == (np.uint8, np.int64)
    with pytest.raises(ArchitectureError, match=r"adjacency must be uint8 .N, V, V., which has no"):
        GraphBatch([[[0, -1], [0, 0]]], [[1, 2]])


def test_adjacency_must_fit_its_operations():
    with pytest.raises(ArchitectureError, match=r"uint8 \[1, 3, 3\]"):
        GraphBatch(np.zeros((1, 2, 2), dtype=np.uint8), np.zeros((1, 3), dtype=np.int64))
