"""The NAS-Bench-201 network: of one cell, or of all cells as a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

from ctnas.spaces.nasbench201.space import (
    NASBENCH201_EDGES,
    NASBENCH201_OPERATIONS,
    NasBench201Space,
)
from ctnas.supernet.layers import AveragePool, Identity, Node, Operation
from ctnas.supernet.network import Beginning, Supernet
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.layouts import StackedLayout

EdgeOperations: TypeAlias = tuple[int, ...]
"""The operation on each of `NASBENCH201_EDGES`, an index into `NASBENCH201_OPERATIONS`."""

_NONE = NASBENCH201_OPERATIONS.index("none")
_NODES = 4


def edge_operations(batch: ArchitectureBatch) -> list[EdgeOperations]:
    """Return the operations on the edges of each of N architectures."""
    NasBench201Space().check(batch)
    return [tuple(row) for row in batch.decisions.tolist()]


class RectifiedConv(Operation):
    """`nor_conv`: ReLU, convolution, batch normalization."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = PathBatchNorm(outputs)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return normalized features [B, outputs, H, W], or half of H and W at stride 2."""
        features: Tensor = self.norm(self.conv(node.rectified), statistics)
        return features


class ResidualReduction(Operation):
    """The block between two stacks: two convolutions, the first strided, and a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = RectifiedConv(inputs, outputs, 3, stride=2)
        self.second = RectifiedConv(outputs, outputs, 3)
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, stride=2, ceil_mode=True), nn.Conv2d(inputs, outputs, 1, bias=False)
        )

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return features [B, outputs, ceil(H / 2), ceil(W / 2)]."""
        residual = self.second(Node(self.first(node, statistics)), statistics)
        features: Tensor = self.shortcut(node.features) + residual
        return features


class NasBench201Cell(nn.Module):
    """A cell at one position, with weights for all operations on all edges, or for one choice."""

    def __init__(self, channels: int, only: EdgeOperations | None) -> None:
        super().__init__()
        self.operations = nn.ModuleDict()
        for edge in range(len(NASBENCH201_EDGES)):
            chosen = range(len(NASBENCH201_OPERATIONS)) if only is None else (only[edge],)
            for operation in chosen:
                if operation != _NONE:
                    key = self._key(edge, operation)
                    self.operations[key] = _make(NASBENCH201_OPERATIONS[operation], channels)

    @staticmethod
    def _key(edge: int, operation: int) -> str:
        source, target = NASBENCH201_EDGES[edge]
        return f"{NASBENCH201_OPERATIONS[operation]}_{source}_to_{target}"

    def forward(
        self, features: Tensor, path: EdgeOperations, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return the last node, [B, C, H, W]: each node sums what its incoming edges put out."""
        nodes = [Node(features)]
        for target in range(1, _NODES):
            addends = [
                self.operations[self._key(edge, operation)](nodes[source], statistics)
                for edge, (operation, (source, to)) in enumerate(
                    zip(path, NASBENCH201_EDGES, strict=True)
                )
                if to == target and operation != _NONE
            ]
            total = sum(addends[1:], addends[0]) if addends else torch.zeros_like(features)
            nodes.append(Node(total))
        return nodes[-1].features


class NasBench201Supernet(Supernet):
    """The benchmark's network: stem, three stacks of cells with residual blocks between them.

    Args:
        layout: its sizes; 15 cells and 16 channels in the benchmark.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
        only: the one architecture that it holds weights for; all if not given.

    Source: Dong and Yang, "NAS-Bench-201", ICLR 2020.
    """

    space = "nasbench201"

    def __init__(
        self,
        layout: StackedLayout,
        mean: Sequence[float],
        deviation: Sequence[float],
        only: EdgeOperations | None = None,
    ) -> None:
        super().__init__(layout, mean, deviation)
        self.stem = nn.Conv2d(layout.image_channels, layout.channels, 3, padding=1, bias=False)
        self.stem_norm = PathBatchNorm(layout.channels)
        self.blocks = nn.ModuleList()
        channels = layout.channels
        for outputs, cells in layout.stacks:
            if outputs != channels:
                self.blocks.append(ResidualReduction(channels, outputs))
            channels = outputs
            self.blocks.extend(NasBench201Cell(channels, only) for _ in range(cells))
        self.last_norm = PathBatchNorm(channels)
        self.classifier = nn.Linear(channels, layout.classes)
        self.to(memory_format=torch.channels_last)

    @staticmethod
    def paths(batch: ArchitectureBatch) -> list[EdgeOperations]:
        """Return the operations on the edges of each of N architectures."""
        return edge_operations(batch)

    def begin(self, images: Tensor, statistics: BatchStatistics | None) -> Beginning:
        """Return what the stem puts out."""
        return Beginning(Node(self.stem_norm(self.stem(self.scaled(images)), statistics)))

    def finish(
        self, beginning: Beginning, path: EdgeOperations, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return logits [B, classes] from the stem on."""
        features = beginning.stem.features
        for block in self.blocks:
            if isinstance(block, NasBench201Cell):
                features = block(features, path, statistics)
            else:
                features = block(Node(features), statistics)
        features = torch.relu(self.last_norm(features, statistics))
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


def _make(name: str, channels: int) -> Operation:
    """Return a candidate operation with fresh weights."""
    if name == "avg_pool_3x3":
        return AveragePool(channels, 3, normalized=False)
    if name == "skip_connect":
        return Identity()
    return RectifiedConv(channels, channels, int(name[-1]))
