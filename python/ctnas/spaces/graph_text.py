"""Graphs as text that programs without Python can read, whatever the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.spaces.space import SearchSpace


def graph_texts(space: SearchSpace, batch: ArchitectureBatch) -> list[str]:
    """Return each architecture's graph as text, as `ctnas::Comparator::parse` reads it in C++.

    A text is the upper triangle of the adjacency matrix, row by row, and the operations of the
    nodes in topological order: `110.01.1 input|conv3x3|conv1x1|output`. NAS-Bench-101 writes its
    cells like this, too.

    Raises:
        SpaceError: if the name of an operation holds the sign `|`, which separates them.
    """
    unreadable = next((name for name in space.vocabulary if "|" in name), None)
    if unreadable is not None:
        raise SpaceError(f"operation {unreadable!r} of space {space.name!r} has '|' in its name")
    graphs = space.graphs(batch)
    counts = np.count_nonzero(graphs.operations, axis=1).tolist()
    texts = []
    for matrix, ids, count in zip(graphs.adjacency, graphs.operations, counts, strict=True):
        rows = ("".join("01"[edge] for edge in matrix[i, i + 1 : count]) for i in range(count - 1))
        texts.append(f"{'.'.join(rows)} {'|'.join(space.vocabulary[id_] for id_ in ids[:count])}")
    return texts
