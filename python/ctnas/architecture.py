"""Architectures as arrays: rows of decisions, and the graphs that they stand for.

Everything heavy in ctnas works on a batch of these; nothing loops over single architectures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ctnas import _core
from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Sequence

Int16Array: TypeAlias = NDArray[np.int16]
Int64Array: TypeAlias = NDArray[np.int64]
UInt8Array: TypeAlias = NDArray[np.uint8]
Float32Array: TypeAlias = NDArray[np.float32]
Float64Array: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
Selection: TypeAlias = "slice | Int64Array | BoolArray | Sequence[int]"

PADDING = 0
"""Operation id of a node that does not exist."""
INPUT = 1
"""Operation id of an input node in every vocabulary."""
OUTPUT = 2
"""Operation id of the output node in every vocabulary."""


@dataclass(frozen=True, slots=True, eq=False)
class ArchitectureBatch:
    """Architectures of one search space, each a row of categorical decisions.

    Attributes:
        space: name of the search space that the rows belong to.
        decisions: int16 [N, T]; column t holds the index of the choice made for decision t.

    Raises:
        ArchitectureError: if `decisions` is not an int16 array of rank 2.
    """

    space: str
    decisions: Int16Array

    def __post_init__(self) -> None:
        if self.decisions.dtype != np.int16 or self.decisions.ndim != 2:
            came = f"{self.decisions.dtype} of rank {self.decisions.ndim}"
            raise ArchitectureError(f"decisions must be int16 [N, T], not {came}")

    def __len__(self) -> int:
        return len(self.decisions)

    def __getitem__(self, selection: Selection) -> ArchitectureBatch:
        """Return the chosen rows, always as a batch."""
        return ArchitectureBatch(self.space, self.decisions[selection])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ArchitectureBatch)
            and self.space == other.space
            and np.array_equal(self.decisions, other.decisions)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are mutable

    @staticmethod
    def concatenate(batches: Sequence[ArchitectureBatch]) -> ArchitectureBatch:
        """Join batches of one space, in order.

        Raises:
            ArchitectureError: if there is no batch, or they belong to different spaces.
        """
        spaces = {batch.space for batch in batches}
        if len(spaces) != 1:
            raise ArchitectureError(
                f"only batches of one space can be joined, not of {sorted(spaces)}"
            )
        return ArchitectureBatch(spaces.pop(), np.concatenate([b.decisions for b in batches]))


@dataclass(frozen=True, slots=True, eq=False)
class GraphBatch:
    """Architecture graphs (Fig. 3), padded to one number of nodes V.

    Attributes:
        adjacency: uint8 [N, V, V]; `adjacency[n, i, j] = 1` when node i feeds node j. Nodes stand
            in topological order, so that the matrix is strictly upper triangular.
        operations: int64 [N, V]; id of each node's operation, `PADDING` where there is no node.

    Raises:
        ArchitectureError: if shapes or types do not fit.
    """

    adjacency: UInt8Array
    operations: Int64Array

    def __post_init__(self) -> None:
        nodes = self.operations.shape[-1] if self.operations.ndim else 0
        if self.operations.dtype != np.int64 or self.operations.ndim != 2:
            came = f"{self.operations.dtype} {list(self.operations.shape)}"
            raise ArchitectureError(f"operations must be int64 [N, V], not {came}")
        if self.adjacency.dtype != np.uint8 or self.adjacency.shape != (len(self), nodes, nodes):
            came = f"{self.adjacency.dtype} {list(self.adjacency.shape)}"
            need = f"uint8 [{len(self)}, {nodes}, {nodes}]"
            raise ArchitectureError(f"adjacency must be {need} beside such operations, not {came}")

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, selection: Selection) -> GraphBatch:
        """Return the chosen graphs, always as a batch."""
        return GraphBatch(self.adjacency[selection], self.operations[selection])

    @property
    def nodes(self) -> int:
        """The number of nodes V, padding included."""
        return int(self.operations.shape[1])

    @staticmethod
    def concatenate(batches: Sequence[GraphBatch]) -> GraphBatch:
        """Join batches of equal V, in order."""
        return GraphBatch(
            np.concatenate([b.adjacency for b in batches]),
            np.concatenate([b.operations for b in batches]),
        )


def without_dead_nodes(graphs: GraphBatch) -> GraphBatch:
    """Remove the nodes that lie on no path from an input to an output, and close the gaps.

    Inputs and the output always stay. The order of the remaining nodes is kept, so that the result
    is again topologically ordered; freed places at the end become padding.

    Args:
        graphs: N graphs of V nodes in topological order; padding nodes may stand anywhere, no path
            leads through them.

    Returns:
        Graphs of the same V.
    """
    adjacency, operations = _core.without_dead_nodes(
        np.ascontiguousarray(graphs.adjacency), np.ascontiguousarray(graphs.operations)
    )
    return GraphBatch(adjacency, operations)


def without_identities(graphs: GraphBatch, identities: Sequence[int]) -> GraphBatch:
    """Put edges in the place of nodes that pass on what they get.

    What feeds such a node then feeds all that it fed. Architectures that compute the same in this
    respect get the same edges between their other nodes.

    Args:
        graphs: N graphs of V nodes in topological order, without dead nodes.
        identities: ids of the operations that pass on what they get.

    Returns:
        Graphs of the same V; freed places at the end are padding.
    """
    adjacency, operations = graphs.adjacency.copy(), graphs.operations.copy()
    for node in range(1, graphs.nodes):
        passes = np.isin(operations[:, node], identities)
        sources = adjacency[:, :, node] * passes[:, None]
        adjacency |= sources[:, :, None] * adjacency[:, node, None, :]
        adjacency[passes, :, node] = 0
        adjacency[passes, node, :] = 0
        operations[passes, node] = PADDING
    return without_dead_nodes(GraphBatch(adjacency, operations))
