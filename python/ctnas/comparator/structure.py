"""What can be read off an architecture graph without training anything.

Few labels go further when a model does not have to discover counts, depths and paths by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import INPUT, OUTPUT, PADDING

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, GraphBatch

MANY_OPERATIONS = 32
"""Above so many operation ids only their counts are taken: pairs and paths would be too many."""
_FAR = 1e6


def structural_features(graphs: GraphBatch, vocabulary: int) -> Float64Array:
    """Return counts, degrees, depths and path statistics.

    Args:
        graphs: N graphs without dead nodes.
        vocabulary: number of operation ids.

    Returns:
        float64 [N, F]. F depends on the vocabulary only.
    """
    edges = graphs.adjacency.astype(np.float64)
    one_hot = (graphs.operations[:, :, None] == np.arange(vocabulary)).astype(np.float64)
    columns = [one_hot[:, :, INPUT:].sum(axis=1), edges.sum(axis=(1, 2))[:, None]]
    columns.append(_path_statistics(graphs, edges))
    if vocabulary <= MANY_OPERATIONS:
        typed = one_hot[:, :, INPUT:]
        columns.append(_degrees(graphs, edges, typed))
        # Number of edges from each operation to each other.
        types = np.einsum("nia,nij,njb->nab", typed, edges, typed, optimize=True)
        columns.append(types.reshape(len(graphs), -1))
        columns.extend(
            _operation_depths(graphs, edges, typed[:, :, operation])
            for operation in range(OUTPUT, typed.shape[2])
        )
    return np.concatenate(columns, axis=1)


def _degrees(graphs: GraphBatch, edges: Float64Array, typed: Float64Array) -> Float64Array:
    """Return, for each operation, its edges in and out, from inputs and to the output."""
    from_input = np.einsum("ni,nij->nj", (graphs.operations == INPUT).astype(np.float64), edges)
    to_output = np.einsum("nj,nij->ni", (graphs.operations == OUTPUT).astype(np.float64), edges)
    weights = (edges.sum(axis=1), edges.sum(axis=2), from_input, to_output)
    return np.concatenate([np.einsum("nv,nva->na", w, typed) for w in weights], axis=1)


def _path_statistics(graphs: GraphBatch, edges: Float64Array) -> Float64Array:
    """Return longest, shortest and mean length of the paths to the output, and their logarithm."""
    starts = (graphs.operations == INPUT).astype(np.float64)
    steps = (graphs.operations != PADDING).astype(np.float64)
    longest, shortest = _extreme_paths(graphs, edges, steps)
    number, total = starts.copy(), np.zeros_like(starts)
    for node in range(graphs.nodes):
        incoming = edges[:, :, node]
        number[:, node] += (number * incoming).sum(axis=1)
        total[:, node] += ((total + number) * incoming).sum(axis=1)
    number, total = _at_output(graphs, number), _at_output(graphs, total)
    mean = total / np.maximum(number, 1.0)
    return np.stack([longest, shortest, mean, np.log(np.maximum(number, 1.0))], axis=1)


def _operation_depths(
    graphs: GraphBatch, edges: Float64Array, is_operation: Float64Array
) -> Float64Array:
    """Return how often an operation stands on the path that has most, and least, of it."""
    return np.stack(_extreme_paths(graphs, edges, is_operation), axis=1)


def _extreme_paths(
    graphs: GraphBatch, edges: Float64Array, weights: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return the largest and the smallest sum of node weights on a path to the output, [N] each."""
    starts = graphs.operations == INPUT
    largest = np.where(starts, weights, -_FAR)
    smallest = np.where(starts, weights, _FAR)
    for node in range(graphs.nodes):
        feeds = edges[:, :, node] > 0
        above = np.where(feeds, largest, -_FAR).max(axis=1) + weights[:, node]
        below = np.where(feeds, smallest, _FAR).min(axis=1) + weights[:, node]
        largest[:, node] = np.maximum(largest[:, node], above)
        smallest[:, node] = np.minimum(smallest[:, node], below)
    # Where no path leads to the output, both are 0.
    most, least = (_at_output(graphs, bound) for bound in (largest, smallest))
    reached = most > -_FAR / 2
    return np.where(reached, most, 0.0), np.where(reached, least, 0.0)


def _at_output(graphs: GraphBatch, values: Float64Array) -> Float64Array:
    """Return the values [N, V] at the output nodes, [N]."""
    rows = np.arange(len(graphs))
    result: Float64Array = values[rows, (graphs.operations == OUTPUT).argmax(axis=1)]
    return result
