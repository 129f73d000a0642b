"""What can be read off an architecture graph without training anything.

Few labels go further when a model does not have to discover counts, depths and paths by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.architecture import INPUT, OUTPUT

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, GraphBatch

MANY_OPERATIONS = 32
"""Above so many operation ids they are not told apart: there would be too many pairs and paths."""
NO_OPERATIONS = MANY_OPERATIONS + 1
"""Stands for a vocabulary whose operations are not told apart."""


def structural_features(graphs: GraphBatch, vocabulary: int) -> Float64Array:
    """Return counts, degrees, depths and path statistics.

    Args:
        graphs: N graphs without dead nodes.
        vocabulary: number of operation ids.

    Returns:
        float64 [N, F]. F depends on the vocabulary only.
    """
    edges = graphs.adjacency.astype(np.float64)
    told_apart = vocabulary <= MANY_OPERATIONS
    extremes, _ = _paths(graphs, vocabulary if told_apart else 0)
    statistics = _path_statistics(graphs, edges, extremes[:, 0])
    columns = [edges.sum(axis=(1, 2))[:, None], statistics]
    if told_apart:
        identities = np.arange(INPUT, vocabulary)
        typed = (graphs.operations[:, :, None] == identities).astype(np.float64)
        columns.append(typed.sum(axis=1))
        columns.append(_degrees(graphs, edges, typed))
        # Number of edges from each operation to each other.
        types = np.einsum("nia,nij,njb->nab", typed, edges, typed, optimize=True)
        columns.append(types.reshape(len(graphs), -1))
        columns.append(extremes[:, 1:].reshape(len(graphs), -1))
    return np.concatenate(columns, axis=1)


def path_averages(graphs: GraphBatch, vocabulary: int) -> Float64Array:
    """Return what of each operation a path to the output meets on average.

    Three figures an operation: how often it stands on a path, in the mean over all paths; on what
    share of the paths it does not stand; and how often a walk meets it that starts at the output
    and goes on to any predecessor alike.

    Args:
        graphs: N graphs without dead nodes.
        vocabulary: number of operation ids; above `MANY_OPERATIONS` there are no such features.

    Returns:
        float64 [N, 3 K] for K operations, or [N, 0].
    """
    if vocabulary > MANY_OPERATIONS:
        return np.empty((len(graphs), 0))
    averages: Float64Array = _paths(graphs, vocabulary)[1].reshape(len(graphs), -1)
    return averages


def _paths(graphs: GraphBatch, vocabulary: int) -> tuple[Float64Array, Float64Array]:
    """Return extremes [N, 1 + K, 2] and averages [N, 3, K] of what stands on paths."""
    return _core.path_features(
        np.ascontiguousarray(graphs.adjacency), np.ascontiguousarray(graphs.operations), vocabulary
    )


def _degrees(graphs: GraphBatch, edges: Float64Array, typed: Float64Array) -> Float64Array:
    """Return, for each operation, its edges in and out, from inputs and to the output."""
    from_input = np.einsum("ni,nij->nj", (graphs.operations == INPUT).astype(np.float64), edges)
    to_output = np.einsum("nj,nij->ni", (graphs.operations == OUTPUT).astype(np.float64), edges)
    weights = (edges.sum(axis=1), edges.sum(axis=2), from_input, to_output)
    return np.concatenate([np.einsum("nv,nva->na", w, typed) for w in weights], axis=1)


def _path_statistics(
    graphs: GraphBatch, edges: Float64Array, extremes: Float64Array
) -> Float64Array:
    """Return longest, shortest and mean length of the paths to the output, and their logarithm.

    Args:
        graphs: N graphs.
        edges: their adjacency.
        extremes: float64 [N, 2], longest and shortest.
    """
    starts = (graphs.operations == INPUT).astype(np.float64)
    number, total = starts.copy(), np.zeros_like(starts)
    for node in range(graphs.nodes):
        incoming = edges[:, :, node]
        number[:, node] += (number * incoming).sum(axis=1)
        total[:, node] += ((total + number) * incoming).sum(axis=1)
    number, total = _at_output(graphs, number), _at_output(graphs, total)
    mean = total / np.maximum(number, 1.0)
    return np.column_stack([extremes, mean, np.log(np.maximum(number, 1.0))])


def _at_output(graphs: GraphBatch, values: Float64Array) -> Float64Array:
    """Return the values [N, V, ...] at the output nodes, [N, ...]."""
    rows = np.arange(len(graphs))
    result: Float64Array = values[rows, (graphs.operations == OUTPUT).argmax(axis=1)]
    return result
