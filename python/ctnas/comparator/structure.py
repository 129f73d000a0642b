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
"""Above so many operation ids they are not told apart: there would be too many pairs and paths."""
NO_OPERATIONS = MANY_OPERATIONS + 1
"""Stands for a vocabulary whose operations are not told apart."""
_FAR = 10_000
"""More than any path has of anything, and small enough for 16 bits, which are read fast."""


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
    columns = [edges.sum(axis=(1, 2))[:, None], _path_statistics(graphs, edges)]
    if vocabulary <= MANY_OPERATIONS:
        typed = one_hot[:, :, INPUT:]
        columns.append(typed.sum(axis=1))
        columns.append(_degrees(graphs, edges, typed))
        # Number of edges from each operation to each other.
        types = np.einsum("nia,nij,njb->nab", typed, edges, typed, optimize=True)
        columns.append(types.reshape(len(graphs), -1))
        columns.extend(
            _operation_depths(graphs, typed[:, :, operation])
            for operation in range(OUTPUT, typed.shape[2])
        )
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
    typed = (graphs.operations[:, :, None] == np.arange(OUTPUT + 1, vocabulary)).astype(np.float64)
    starts = (graphs.operations == INPUT).astype(np.float64)
    number, total, met = starts.copy(), np.zeros_like(typed), np.zeros_like(typed)
    avoiding = np.repeat(starts[:, :, None], typed.shape[2], axis=2)
    for node in range(1, graphs.nodes):
        feeds = graphs.adjacency[:, None, :node, node].astype(np.float64)
        here = typed[:, node]
        number[:, node] += (feeds[:, 0] * number[:, :node]).sum(axis=1)
        total[:, node] = (feeds @ total[:, :node])[:, 0] + number[:, node, None] * here
        avoiding[:, node] += (feeds @ avoiding[:, :node])[:, 0] * (1 - here)
        predecessors = np.maximum(feeds.sum(axis=2), 1)
        met[:, node] = (feeds @ met[:, :node])[:, 0] / predecessors + here
    paths = np.maximum(_at_output(graphs, number), 1)[:, None]
    total, avoiding, met = (_at_output(graphs, values) for values in (total, avoiding, met))
    return np.concatenate([total / paths, avoiding / paths, met], axis=1)


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
    longest, shortest = _extreme_paths(graphs, steps)
    number, total = starts.copy(), np.zeros_like(starts)
    for node in range(graphs.nodes):
        incoming = edges[:, :, node]
        number[:, node] += (number * incoming).sum(axis=1)
        total[:, node] += ((total + number) * incoming).sum(axis=1)
    number, total = _at_output(graphs, number), _at_output(graphs, total)
    mean = total / np.maximum(number, 1.0)
    return np.stack([longest, shortest, mean, np.log(np.maximum(number, 1.0))], axis=1)


def _operation_depths(graphs: GraphBatch, is_operation: Float64Array) -> Float64Array:
    """Return how often an operation stands on the path that has most, and least, of it."""
    return np.stack(_extreme_paths(graphs, is_operation), axis=1)


def _extreme_paths(graphs: GraphBatch, weights: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the largest and the smallest sum of node weights on a path to the output, [N] each."""
    starts = graphs.operations == INPUT
    step = weights.astype(np.int16)
    far = np.int16(_FAR)
    largest, smallest = np.where(starts, step, -far), np.where(starts, step, far)
    # Nodes stand in topological order.
    for node in range(1, graphs.nodes):
        feeds = graphs.adjacency[:, :node, node] > 0
        above = np.where(feeds, largest[:, :node], -far).max(axis=1) + step[:, node]
        below = np.where(feeds, smallest[:, :node], far).min(axis=1) + step[:, node]
        largest[:, node] = np.maximum(largest[:, node], above)
        smallest[:, node] = np.minimum(smallest[:, node], below)
    # Where no path leads to the output, both are 0.
    most, least = (_at_output(graphs, bound.astype(np.float64)) for bound in (largest, smallest))
    reached = most > -_FAR / 2
    return np.where(reached, most, 0.0), np.where(reached, least, 0.0)


def _at_output(graphs: GraphBatch, values: Float64Array) -> Float64Array:
    """Return the values [N, V, ...] at the output nodes, [N, ...]."""
    rows = np.arange(len(graphs))
    result: Float64Array = values[rows, (graphs.operations == OUTPUT).argmax(axis=1)]
    return result
