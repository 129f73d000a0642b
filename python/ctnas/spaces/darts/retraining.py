"""The DARTS network of one pair of cells, as it is trained from scratch.

Source: Liu et al., "DARTS", ICLR 2019; appendix D.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ctnas.app.torch_state import dropout
from ctnas.errors import ConfigurationError
from ctnas.retraining.network import RetrainedNetwork
from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.operations import make_operation
from ctnas.spaces.darts.space import DartsSpace
from ctnas.spaces.darts.supernet import NodeEdges, Path, fitting, paths
from ctnas.supernet.layers import Identity, Node
from ctnas.supernet.normalization import track_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.config import Stem, TrainConfig
    from ctnas.spaces.darts.costs import CellShape, DartsLayout

_NODES = 4
_NONE = DARTS_OPERATIONS.index("none")
_STEM_REDUCTION = 8
# Channels of the auxiliary head's two convolutions.
_AUXILIARY = (128, 768)


class DartsNetworkCell(nn.Module):
    """One cell with the weights of its own eight operations.

    Args:
        shape: where it stands.
        edges: what each node reads and does.
    """

    def __init__(self, shape: CellShape, edges: Sequence[NodeEdges]) -> None:
        super().__init__()
        self._shape = shape
        self._sources = [[source for source, kind in node if kind != _NONE] for node in edges]
        self.fit_first, self.fit_second = fitting(shape)
        self.nodes = nn.ModuleList(
            nn.ModuleList(
                make_operation(
                    DARTS_OPERATIONS[kind],
                    shape.channels,
                    2 if shape.reduction and source < 2 else 1,
                    pools_normalized=False,
                )
                for source, kind in node
                if kind != _NONE
            )
            for node in edges
        )

    def forward(self, first: Node, second: Node, path_dropout: float) -> Node:
        """Return the concatenated nodes, [B, 4 * channels, H, W]."""
        values = [Node(self.fit_first(first, None)), Node(self.fit_second(second, None))]
        for operations, sources in zip(self.nodes, self._sources, strict=True):
            assert isinstance(operations, nn.ModuleList)
            addends = []
            for operation, source in zip(operations, sources, strict=True):
                addend = operation(values[source], None)
                if self.training and path_dropout and not isinstance(operation, Identity):
                    addend = addend * dropout(addend.new_ones(len(addend), 1, 1, 1), path_dropout)
                addends.append(addend)
            total = sum(addends[1:], addends[0]) if addends else self._zeros(values[0])
            values.append(Node(total))
        return Node(torch.cat([value.features for value in values[2:]], dim=1))

    def _zeros(self, like: Node) -> Tensor:
        """Return what a node puts out whose operations are both `none`."""
        count, channels = like.features.shape[:2]
        return like.features.new_zeros(count, channels, self._shape.size, self._shape.size)


class DartsNetwork(RetrainedNetwork):
    """Stem, cells, global pooling, classifier; in training an auxiliary head as well.

    Args:
        layout: the sizes; of the stem only where it is that of small images.
        path: the cells.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
        stem: "cifar" or "imagenet".
        auxiliary: whether there is an auxiliary head, behind the second reduction cell.

    Raises:
        ConfigurationError: if the image is too small for the stem.
    """

    def __init__(
        self,
        layout: DartsLayout,
        path: Path,
        mean: Sequence[float],
        deviation: Sequence[float],
        *,
        stem: Stem = "cifar",
        auxiliary: bool = True,
    ) -> None:
        super().__init__(mean, deviation)
        self.stems, shapes = _stem(layout, stem)
        self.cells = nn.ModuleList(
            DartsNetworkCell(shape, path.cell(int(shape.reduction))) for shape in shapes
        )
        self._auxiliary_at = max(layout.reductions)
        marked = shapes[self._auxiliary_at]
        self.auxiliary = (
            auxiliary_head(_NODES * marked.channels, marked.size, layout.classes)
            if auxiliary
            else None
        )
        self.classifier = nn.Linear(_NODES * shapes[-1].channels, layout.classes)
        track_statistics(self)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return logits [B, classes]; in training those of the auxiliary head follow."""
        outputs = [self.scaled(images)]
        for stem in self.stems:
            outputs.append(stem(outputs[-1]))
        second = Node(outputs[-1])
        first = Node(outputs[-2]) if len(self.stems) > 1 else second
        auxiliary = []
        for position, cell in enumerate(self.cells):
            first, second = second, cell(first, second, self.path_dropout)
            if self.training and self.auxiliary is not None and position == self._auxiliary_at:
                auxiliary = [self.auxiliary(second.features)]
        return [self.classifier(second.features.mean(dim=(2, 3))), *auxiliary]


def _stem(layout: DartsLayout, stem: Stem) -> tuple[nn.ModuleList, tuple[CellShape, ...]]:
    """Return what stands before the cells, part by part, and the cells behind it.

    The two inputs of the first cell are what the last two parts put out, or twice the only one's.
    """
    if stem == "cifar":
        width = layout.stem_channels
        only = nn.Sequential(_conv(layout.image_channels, width, 1), nn.BatchNorm2d(width))
        return nn.ModuleList([only]), layout.cell_shapes
    if layout.image_size < 4 * _STEM_REDUCTION:
        raise ConfigurationError(
            f"image_size must be at least {4 * _STEM_REDUCTION} with stem 'imagenet', "
            f"not {layout.image_size}"
        )
    width, half = layout.channels, layout.channels // 2
    first = nn.Sequential(
        _conv(layout.image_channels, half, 2),
        nn.BatchNorm2d(half),
        nn.ReLU(),
        _conv(half, width, 2),
        nn.BatchNorm2d(width),
    )
    second = nn.Sequential(nn.ReLU(), _conv(width, width, 2), nn.BatchNorm2d(width))
    size = -(-layout.image_size // _STEM_REDUCTION)
    return nn.ModuleList([first, second]), layout.cells_behind(width, size, reduced=True)


def _conv(inputs: int, outputs: int, stride: int) -> nn.Module:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)


def auxiliary_head(channels: int, size: int, classes: int) -> nn.Module:
    """Return a classifier on features [B, channels, size, size]."""
    window = min(-(-5 * size // 8), size - 1)
    return nn.Sequential(
        nn.ReLU(),
        # 5 pixels wide on 8 or 7 pixels, as published: two places either way.
        nn.AvgPool2d(window, stride=size - window, count_include_pad=False),
        nn.Conv2d(channels, _AUXILIARY[0], 1, bias=False),
        nn.BatchNorm2d(_AUXILIARY[0]),
        nn.ReLU(),
        nn.Conv2d(_AUXILIARY[0], _AUXILIARY[1], 2, bias=False),
        nn.BatchNorm2d(_AUXILIARY[1]),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(_AUXILIARY[1], classes),
    )


def build_darts_network(
    config: TrainConfig,
    layout: DartsLayout,
    architecture: ArchitectureBatch,
    statistics: tuple[Sequence[float], Sequence[float]],
) -> DartsNetwork:
    """Return the network of one pair of cells with fresh weights."""
    (path,) = paths(DartsSpace(), architecture)
    auxiliary = config.auxiliary_weight > 0
    return DartsNetwork(layout, path, *statistics, stem=config.stem, auxiliary=auxiliary)
