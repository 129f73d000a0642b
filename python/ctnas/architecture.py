"""Architectures as arrays: rows of decisions, and the graphs that they stand for.

Everything heavy in ctnas works on a batch of these; nothing loops over single architectures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ctnas import _core
from ctnas.checked import check_type, checked_list, integers
from ctnas.errors import ArchitectureError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

Int16Array: TypeAlias = NDArray[np.int16]
Int64Array: TypeAlias = NDArray[np.int64]
UInt64Array: TypeAlias = NDArray[np.uint64]
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

    Whole numbers of any type are converted.

    Raises:
        ArchitectureError: if `decisions` are not whole numbers [N, T] that int16 holds.
    """

    space: str
    decisions: Int16Array

    def __post_init__(self) -> None:
        check_type("space", self.space, str, "its name")
        if not _is_array(self.decisions, np.int16, 2):
            decisions = integers(
                "decisions", self.decisions, np.int16, "N, T", error=ArchitectureError
            )
            object.__setattr__(self, "decisions", decisions)

    def __len__(self) -> int:
        return len(self.decisions)

    def __getitem__(self, selection: Selection) -> ArchitectureBatch:
        """Return the chosen rows, always as a batch."""
        return ArchitectureBatch(self.space, chosen_rows(self.decisions, selection))

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
        batches = checked_list("batches", batches, ArchitectureBatch)
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
        for name, kind, axes in (
            ("adjacency", np.uint8, "N, V, V"),
            ("operations", np.int64, "N, V"),
        ):
            came = getattr(self, name)
            if not _is_array(came, kind, axes.count(",") + 1):
                converted = integers(name, came, kind, axes, error=ArchitectureError)
                object.__setattr__(self, name, converted)
        nodes = self.operations.shape[-1]
        if self.adjacency.shape != (len(self), nodes, nodes):
            came = f"{self.adjacency.dtype} {list(self.adjacency.shape)}"
            need = f"uint8 [{len(self)}, {nodes}, {nodes}]"
            raise ArchitectureError(f"adjacency must be {need} beside such operations, not {came}")

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, selection: Selection) -> GraphBatch:
        """Return the chosen graphs, always as a batch."""
        return GraphBatch(
            chosen_rows(self.adjacency, selection), chosen_rows(self.operations, selection)
        )

    @property
    def nodes(self) -> int:
        """The number of nodes V, padding included."""
        return int(self.operations.shape[1])

    @staticmethod
    def concatenate(batches: Sequence[GraphBatch]) -> GraphBatch:
        """Join batches of equal V, in order.

        Raises:
            ArchitectureError: if there is no batch, or they differ in V.
        """
        batches = checked_list("batches", batches, GraphBatch)
        sizes = {batch.adjacency.shape[1] for batch in batches}
        if len(sizes) != 1:
            raise ArchitectureError(
                f"only graphs of as many nodes can be joined, not of {sorted(sizes)}"
            )
        return GraphBatch(
            np.concatenate([b.adjacency for b in batches]),
            np.concatenate([b.operations for b in batches]),
        )


def chosen_rows(array: NDArray[Any], selection: Selection) -> Any:
    """Return the chosen rows of an array; one alone is an array of one row.

    Raises:
        IndexError: if there is no such row.
        InvalidTypeError: if the selection is of a type that chooses no rows.
    """
    rows = np.arange(len(array))
    try:
        chosen = rows[selection]
    except IndexError:
        if np.asarray(selection).dtype.kind not in "iub":
            raise InvalidTypeError(
                "rows are chosen by a slice, by numbers or by a truth value for each, not by "
                f"{selection!r}"
            ) from None
        raise
    return array[selection] if np.ndim(chosen) else array[np.atleast_1d(chosen)]


def _is_array(value: object, kind: type, rank: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == kind and value.ndim == rank


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
