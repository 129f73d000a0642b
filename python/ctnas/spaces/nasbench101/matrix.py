"""NAS-Bench-101 cells in official terms: adjacency matrix and operation names, and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import INPUT, OUTPUT, GraphBatch, without_dead_nodes
from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ctnas.architecture import Int64Array, UInt8Array

NASBENCH101_OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
"""Operations of interior vertices, in the order of their labels in the published hash."""

MAX_VERTICES = 7
MAX_EDGES = 9

_FIRST_ID = 3
_FORM = "1100.010.01.1 input|conv3x3-bn-relu|...|output"


def cell_of_matrix(matrix: ArrayLike, operations: Sequence[str]) -> GraphBatch:
    """Return a cell, without its dead vertices, as a batch of one graph of seven nodes.

    Raises:
        ArchitectureError: saying which rule is broken.
    """
    adjacency = _checked_matrix(matrix)
    ids = operation_ids(operations)
    if len(ids) != len(adjacency):
        raise ArchitectureError(
            f"{len(adjacency)} vertices need as many operations, not {len(ids)}"
        )
    pruned = without_dead_nodes(GraphBatch(adjacency[None], ids[None]))
    edges = int(pruned.adjacency.sum())
    vertices = int(np.count_nonzero(pruned.operations))
    if edges == 0:
        raise ArchitectureError("the input is not connected to the output")
    if vertices > MAX_VERTICES:
        raise ArchitectureError(f"a cell has at most {MAX_VERTICES} vertices, not {vertices}")
    if edges > MAX_EDGES:
        raise ArchitectureError(f"a cell has at most {MAX_EDGES} edges, not {edges}")
    return _resized(pruned)


def operation_ids(operations: Sequence[str]) -> Int64Array:
    """Return the graph's ids of the operations of all vertices, input to output.

    Raises:
        ArchitectureError: if the ends are no input and output, or an operation is unknown.
    """
    if len(operations) < 2 or operations[0] != "input" or operations[-1] != "output":
        raise ArchitectureError(
            f"operations start with 'input' and end with 'output', not {list(operations)}"
        )
    unknown = next((name for name in operations[1:-1] if name not in NASBENCH101_OPERATIONS), None)
    if unknown is not None:
        raise ArchitectureError(
            f"unknown operation {unknown!r}; allowed are {', '.join(NASBENCH101_OPERATIONS)}"
        )
    interior = (_FIRST_ID + NASBENCH101_OPERATIONS.index(name) for name in operations[1:-1])
    return np.array([INPUT, *interior, OUTPUT], dtype=np.int64)


def split_text(text: str) -> tuple[str, str]:
    """Return the matrix part and the operations part of a cell's text.

    Raises:
        ArchitectureError: if there are not these two.
    """
    parts = text.split()
    if len(parts) != 2:
        raise ArchitectureError(f"a cell is written {_FORM}, not {text!r}")
    return parts[0], parts[1]


def matrix_of_text(text: str) -> UInt8Array:
    """Return the matrix uint8 [v, v] whose upper triangle is written row by row.

    Raises:
        ArchitectureError: if the rows do not have the lengths v - 1, ..., 1, or are not 0 and 1.
    """
    rows = text.split(".")
    size = len(rows) + 1
    if [len(row) for row in rows] != list(range(size - 1, 0, -1)) or set(text) - set("01."):
        raise ArchitectureError(
            f"the upper triangle of a matrix is written in rows of falling length, such as "
            f"1100.010.01.1, not {text!r}"
        )
    matrix = np.zeros((size, size), dtype=np.uint8)
    for i, row in enumerate(rows):
        matrix[i, i + 1 :] = [int(bit) for bit in row]
    return matrix


def _checked_matrix(matrix: ArrayLike) -> UInt8Array:
    """Return a strictly upper triangular matrix of 0 and 1 as uint8."""
    try:
        values = np.asarray(matrix)
    except ValueError:
        raise ArchitectureError(f"an adjacency matrix is square, not {matrix!r}") from None
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise ArchitectureError(f"an adjacency matrix is square, not of shape {values.shape}")
    if not np.isin(values, (0, 1)).all():
        raise ArchitectureError(f"an adjacency matrix holds 0 and 1, not {values.tolist()}")
    backward = np.argwhere(np.tril(values))
    if len(backward):
        i, j = backward[0].tolist()
        raise ArchitectureError(
            f"the edge from vertex {i} to {j} does not lead forward: "
            "the matrix must be strictly upper triangular, so that there is no cycle"
        )
    return values.astype(np.uint8)


def _resized(graph: GraphBatch) -> GraphBatch:
    """Return one graph of at most seven nodes as one of exactly seven, the rest padding."""
    kept = min(graph.nodes, MAX_VERTICES)
    adjacency = np.zeros((1, MAX_VERTICES, MAX_VERTICES), dtype=np.uint8)
    operations = np.zeros((1, MAX_VERTICES), dtype=np.int64)
    adjacency[:, :kept, :kept] = graph.adjacency[:, :kept, :kept]
    operations[:, :kept] = graph.operations[:, :kept]
    return GraphBatch(adjacency, operations)
