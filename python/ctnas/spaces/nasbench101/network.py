"""The NAS-Bench-101 network: of one cell, or of all cells as a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.errors import ConfigurationError
from ctnas.spaces.nasbench101.matrix import MAX_VERTICES
from ctnas.spaces.nasbench101.space import NasBench101Space
from ctnas.supernet.layers import Node
from ctnas.supernet.network import Beginning, Supernet
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.layouts import StackedLayout

_KERNELS = {"conv3x3-bn-relu": 3, "conv1x1-bn-relu": 1}


class CellGraph(NamedTuple):
    """A cell without dead vertices.

    Attributes:
        operations: of each vertex, input and output included.
        sources: the vertices that feed each vertex, ascending.
    """

    operations: tuple[str, ...]
    sources: tuple[tuple[int, ...], ...]

    @property
    def output(self) -> int:
        """The last vertex."""
        return len(self.operations) - 1

    def widths(self, outputs: int) -> list[int]:
        """Return the channels of every interior vertex, where the output has `outputs`.

        The vertices that feed the output share its channels; any other vertex has as many as the
        largest that it feeds. Places of the input and the output hold 0 and `outputs`.
        """
        widths = [0] * len(self.operations)
        widths[-1] = outputs
        sharing = [vertex for vertex in self.sources[-1] if vertex > 0]
        for place, vertex in enumerate(sharing):
            widths[vertex] = outputs // len(sharing) + (place < outputs % len(sharing))
        for vertex in range(self.output - 1, 0, -1):
            if vertex not in sharing:
                fed = range(vertex + 1, self.output)
                widths[vertex] = max(widths[to] for to in fed if vertex in self.sources[to])
        return widths


def cell_graphs(batch: ArchitectureBatch) -> list[CellGraph]:
    """Return each of N cells."""
    return [
        CellGraph(
            tuple(operations),
            tuple(tuple(column.nonzero()[0].tolist()) for column in adjacency.T),
        )
        for adjacency, operations in NasBench101Space().to_matrix(batch)
    ]


class SlicedConv(nn.Module):
    """Convolution, batch normalization, ReLU; it uses as many of its channels as are asked for."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = PathBatchNorm(outputs)

    def forward(self, features: Tensor, outputs: int, statistics: BatchStatistics | None) -> Tensor:
        """Map [B, C, H, W] to [B, outputs, H, W]."""
        weight = self.conv.weight
        if weight.shape[:2] != (outputs, features.shape[1]):
            weight = weight[:outputs, : features.shape[1]]
        convolved = functional.conv2d(features, weight, padding=self.conv.padding)
        return functional.relu(self.norm(convolved, statistics))


class NasBench101Cell(nn.Module):
    """A cell at one position, with weights for all cells of the space, or for one.

    Args:
        inputs: channels of its input.
        outputs: channels of its output.
        only: the one cell that it holds weights for; all if not given.
    """

    def __init__(self, inputs: int, outputs: int, only: CellGraph | None) -> None:
        super().__init__()
        self.outputs = outputs
        vertices = MAX_VERTICES if only is None else len(only.operations)
        widths = [outputs] * vertices if only is None else only.widths(outputs)
        self.projections = nn.ModuleDict()
        self.operations = nn.ModuleDict()
        for vertex in range(1, vertices):
            key, width = _vertex_key(vertex, vertices - 1), widths[vertex]
            if only is None or 0 in only.sources[vertex]:
                self.projections[key] = SlicedConv(inputs, width, 1)
            for name, kernel in _KERNELS.items() if vertex < vertices - 1 else ():
                if only is None or only.operations[vertex] == name:
                    self.operations[f"{name}_{key}"] = SlicedConv(width, width, kernel)

    def forward(
        self, features: Tensor, cell: CellGraph, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return [B, outputs, H, W]; what is too wide for a vertex loses its last channels."""
        widths = cell.widths(self.outputs)
        values = [features]
        for vertex in range(1, cell.output):
            total = self._sum(values, cell, vertex, widths, statistics)
            values.append(self._operate(cell.operations[vertex], vertex, total, statistics))
        feeding = [values[vertex] for vertex in cell.sources[-1] if vertex > 0]
        joined = [torch.cat(feeding, dim=1)] if feeding else []
        if 0 in cell.sources[-1]:
            joined.append(self._project(features, cell.output, cell.output, widths, statistics))
        return sum(joined[1:], joined[0])

    def _sum(
        self,
        values: list[Tensor],
        cell: CellGraph,
        vertex: int,
        widths: list[int],
        statistics: BatchStatistics | None,
    ) -> Tensor:
        """Return what an interior vertex reads."""
        addends = [
            self._project(values[0], vertex, cell.output, widths, statistics)
            if source == 0
            else values[source][:, : widths[vertex]]
            for source in cell.sources[vertex]
        ]
        return sum(addends[1:], addends[0])

    def _project(
        self,
        features: Tensor,
        vertex: int,
        output: int,
        widths: list[int],
        statistics: BatchStatistics | None,
    ) -> Tensor:
        projection = self.projections[_vertex_key(vertex, output)]
        projected: Tensor = projection(features, widths[vertex], statistics)
        return projected

    def _operate(
        self, name: str, vertex: int, features: Tensor, statistics: BatchStatistics | None
    ) -> Tensor:
        if name not in _KERNELS:
            return functional.max_pool2d(features, 3, stride=1, padding=1)
        operation = self.operations[f"{name}_{vertex}"]
        result: Tensor = operation(features, features.shape[1], statistics)
        return result


class NasBench101Supernet(Supernet):
    """The benchmark's network: stem, three stacks of cells with max pooling between them.

    Vertices of different width share weights: a narrow one uses the first channels.

    Args:
        layout: its sizes; 9 cells and 128 channels in the benchmark.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
        only: the one cell that it holds weights for; all if not given.

    Raises:
        ConfigurationError: if there are fewer channels than vertices that share them.

    Source: appendix E; Ying et al., "NAS-Bench-101", ICML 2019.
    """

    space = "nasbench101"

    def __init__(
        self,
        layout: StackedLayout,
        mean: Sequence[float],
        deviation: Sequence[float],
        only: CellGraph | None = None,
    ) -> None:
        super().__init__(layout, mean, deviation)
        _check_channels(layout.channels, only)
        self._stem_channels = layout.channels
        self.stem = SlicedConv(layout.image_channels, layout.channels, 3)
        self.stacks = nn.ModuleList()
        channels = layout.channels
        for outputs, cells in layout.stacks:
            inputs = [channels] + [outputs] * (cells - 1)
            self.stacks.append(
                nn.ModuleList(NasBench101Cell(width, outputs, only) for width in inputs)
            )
            channels = outputs
        self.classifier = nn.Linear(channels, layout.classes)
        self.to(memory_format=torch.channels_last)

    @staticmethod
    def paths(batch: ArchitectureBatch) -> list[CellGraph]:
        """Return each of N cells."""
        return cell_graphs(batch)

    def begin(self, images: Tensor, statistics: BatchStatistics | None) -> Beginning:
        """Return what the stem puts out."""
        scaled = self.scaled(images)
        return Beginning(Node(self.stem(scaled, self._stem_channels, statistics)))

    def finish(
        self, beginning: Beginning, path: CellGraph, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return logits [B, classes] from the stem on."""
        features = beginning.stem.features
        for position, stack in enumerate(self.stacks):
            if position:
                features = functional.max_pool2d(features, 2, stride=2, ceil_mode=True)
            assert isinstance(stack, nn.ModuleList)
            for cell in stack:
                features = cell(features, path, statistics)
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


def _check_channels(channels: int, only: CellGraph | None) -> None:
    """Raise ConfigurationError if vertices that share the channels of the output get none."""
    sharing = MAX_VERTICES - 2 if only is None else sum(v > 0 for v in only.sources[-1])
    if channels < sharing:
        raise ConfigurationError(
            f"channels must be at least {sharing}, one for each vertex that feeds the output of a "
            f"cell, not {channels}"
        )


def _vertex_key(vertex: int, output: int) -> str:
    """Return the name of a vertex: the output's weights are its own in cells of every size."""
    return "output" if vertex == output else str(vertex)
