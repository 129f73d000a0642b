"""The DARTS supernet: one network that holds the weights of every pair of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from ctnas.spaces.darts.costs import DARTS_OPERATIONS, CellShape, DartsLayout
from ctnas.spaces.darts.operations import FactorizedReduction, RectifiedPointwise, make_operation
from ctnas.spaces.darts.space import DartsSpace
from ctnas.supernet.layers import Node, Operation
from ctnas.supernet.network import Beginning, Supernet
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch, Int64Array

_NODES = 4
_NONE = DARTS_OPERATIONS.index("none")
_STEM_KERNEL = 3
_INPUT_EDGES = 8

NodeEdges = list[tuple[int, int]]
"""The (predecessor, operation) pairs of one node."""


class Path(NamedTuple):
    """The cells of one architecture: a row of what `DartsSpace.edges` returns.

    Attributes:
        inputs: int64 [2, 4, 2] over cell type, node and operation: the predecessor that is read.
        operations: int64 [2, 4, 2], indices into `DARTS_OPERATIONS`.
    """

    inputs: Int64Array
    operations: Int64Array

    def cell(self, kind: int) -> list[NodeEdges]:
        """Return the four nodes of the normal (0) or the reduction cell (1)."""
        inputs, operations = self.inputs[kind].tolist(), self.operations[kind].tolist()
        return [list(zip(*node, strict=True)) for node in zip(inputs, operations, strict=True)]


def _all_edges() -> list[NodeEdges]:
    """Return every operation on every edge of a cell."""
    operations = range(len(DARTS_OPERATIONS))
    return [
        [(source, operation) for source in range(node + 2) for operation in operations]
        for node in range(_NODES)
    ]


def paths(space: DartsSpace, batch: ArchitectureBatch) -> list[Path]:
    """Return the path of each of N architectures."""
    return [Path(*row) for row in zip(*space.edges(batch), strict=True)]


def fitting(shape: CellShape) -> tuple[Operation, Operation]:
    """Return what fits the two inputs of a cell to its size and channels."""
    first, second = shape.inputs
    fit_first = (
        FactorizedReduction(first, shape.channels)
        if shape.after_reduction
        else RectifiedPointwise(first, shape.channels)
    )
    return fit_first, RectifiedPointwise(second, shape.channels)


class DartsCell(nn.Module):
    """A cell with weights for all 8 operations on all 14 edges, or for one choice, at one position.

    Its two inputs are first fitted to the cell's size and channels, for all edges at once.
    """

    def __init__(self, shape: CellShape, only: list[NodeEdges] | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.fit_first, self.fit_second = fitting(shape)
        self.operations = nn.ModuleDict()
        for node, edges in enumerate(_all_edges() if only is None else only):
            for source, operation in edges:
                key = self._key(node, source, operation)
                if operation != _NONE and key not in self.operations:
                    self.operations[key] = self._make(source, operation)
        self._pools = frozenset(key for key in self.operations if "pool" in key)

    def _make(self, source: int, operation: int) -> Operation:
        stride = 2 if self.shape.reduction and source < 2 else 1
        return make_operation(DARTS_OPERATIONS[operation], self.shape.channels, stride)

    @staticmethod
    def _key(node: int, source: int, operation: int) -> str:
        """Return the name of an operation; pooling has no weights and serves all nodes."""
        name = DARTS_OPERATIONS[operation]
        return f"{name}_{source}" if "pool" in name else f"{name}_{source}_to_{node + 2}"

    def fit(self, first: Node, second: Node, statistics: BatchStatistics | None) -> list[Node]:
        """Return the two inputs in the channels of this cell."""
        return [Node(self.fit_first(first, statistics)), Node(self.fit_second(second, statistics))]

    def forward(
        self,
        inputs: list[Node],
        cell: list[NodeEdges],
        statistics: BatchStatistics | None,
        known: dict[str, Tensor] | None = None,
    ) -> Node:
        """Return the concatenated nodes, [B, 4 * channels, H, W].

        Args:
            inputs: the two inputs, fitted.
            cell: what each node reads and does.
            statistics: of batch normalization along this path; None normalizes by the batch.
            known: what operations on the inputs were found to put out; it is added to.
        """
        nodes = list(inputs)
        pooled: dict[str, Tensor] = {}
        for node, edges in enumerate(cell):
            addends = []
            for source, operation in edges:
                if operation == _NONE:
                    continue
                key = self._key(node, source, operation)
                results = pooled if known is None or source >= len(inputs) else known
                addend = results.get(key)
                if addend is None:
                    addend = self.operations[key](nodes[source], statistics)
                    if results is known or key in self._pools:
                        results[key] = addend
                addends.append(addend)
            nodes.append(Node(sum(addends[1:], addends[0]) if addends else self._zeros(inputs[0])))
        return Node(torch.cat([node.features for node in nodes[len(inputs) :]], dim=1))

    def _zeros(self, like: Node) -> Tensor:
        """Return what a node puts out whose operations are both `none`."""
        count, channels = like.features.shape[:2]
        zeros = like.features.new_zeros(count, channels, self.shape.size, self.shape.size)
        return zeros.contiguous(memory_format=torch.channels_last)


class DartsSupernet(Supernet):
    """A DARTS network that holds the weights of all architectures and runs one at a time.

    Args:
        layout: the network. Any image size of at least 8 works.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
        only: the one architecture that it holds weights for; all if not given.
    """

    space = "darts"

    def __init__(
        self,
        layout: DartsLayout,
        mean: Sequence[float],
        deviation: Sequence[float],
        only: Path | None = None,
    ) -> None:
        super().__init__(layout, mean, deviation)
        self._shapes = layout.cell_shapes
        self._input_size = len(DARTS_OPERATIONS) * layout.channels * layout.image_size**2
        self.stem = nn.Conv2d(
            layout.image_channels,
            layout.stem_channels,
            _STEM_KERNEL,
            padding=_STEM_KERNEL // 2,
            bias=False,
        )
        self.stem_norm = PathBatchNorm(layout.stem_channels)
        self.cells = nn.ModuleList(
            DartsCell(shape, None if only is None else only.cell(int(shape.reduction)))
            for shape in self._shapes
        )
        self.classifier = nn.Linear(_NODES * self._shapes[-1].channels, layout.classes)
        self.to(memory_format=torch.channels_last)

    @property
    def shared_size(self) -> int:
        """Return how many numbers an image's `Beginning` comes to hold, at most."""
        return _INPUT_EDGES * self._input_size

    @staticmethod
    def paths(batch: ArchitectureBatch) -> list[Path]:
        """Return the path of each of N architectures of the DARTS space."""
        return paths(DartsSpace(), batch)

    def begin(self, images: Tensor, statistics: BatchStatistics | None) -> Beginning:
        """Return the part that all architectures share."""
        stem = Node(self.stem_norm(self.stem(self.scaled(images)), statistics))
        return Beginning(stem, self._cell(0).fit(stem, stem, statistics))

    def finish(
        self, beginning: Beginning, path: Path, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return logits [B, classes] from the shared part on; results on it are kept in it."""
        kinds = [path.cell(0), path.cell(1)]
        before, last = beginning.stem, beginning.stem
        for position, shape in enumerate(self._shapes):
            cell = self._cell(position)
            inputs = cell.fit(before, last, statistics) if position else beginning.inputs
            known = None if position else beginning.known
            before, last = last, cell(inputs, kinds[shape.reduction], statistics, known)
        logits: Tensor = self.classifier(last.features.mean(dim=(2, 3)))
        return logits

    def _cell(self, position: int) -> DartsCell:
        cell = self.cells[position]
        assert isinstance(cell, DartsCell)
        return cell
