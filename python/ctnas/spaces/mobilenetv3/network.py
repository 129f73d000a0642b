"""The MobileNetV3 supernet: one network that holds the weights of every subnet."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.spaces.darts.operations import Node, PointwiseConv2d
from ctnas.spaces.mobilenetv3.costs import EXPANSIONS, KERNELS, UNIT_LAYERS, MobileNetV3Layout
from ctnas.spaces.mobilenetv3.layers import ElasticDepthwise, ElasticLayer, SeparableLayer
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.supernet.network import Beginning, Supernet
from ctnas.supernet.normalization import PathBatchNorm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.normalization import BatchStatistics

Subnet: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""The layers of each unit: kernel size and expansion ratio."""

_STEM_KERNEL = 3
_CLASSIFIER_DEVIATION = 0.01


def subnets(batch: ArchitectureBatch) -> list[Subnet]:
    """Return the layers of each of N architectures of the MobileNetV3 space."""
    arrays = (array.tolist() for array in MobileNetV3Space().layers(batch))
    return [
        tuple(
            tuple(
                (KERNELS[kernel], EXPANSIONS[expansion])
                for exists, kernel, expansion in zip(*unit, strict=True)
                if exists
            )
            for unit in zip(*one, strict=True)
        )
        for one in zip(*arrays, strict=True)
    ]


class MobileNetV3Supernet(Supernet):
    """A MobileNetV3 network of elastic kernels, depths and widths; all subnets share weights.

    A shallower unit is the first layers of the deepest, a narrower layer the leading channels of
    the widest.

    Args:
        layout: the network.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
        dropout: share of the classifier's inputs that are left out in training.
    """

    space = "mobilenetv3"

    def __init__(
        self,
        layout: MobileNetV3Layout,
        mean: Sequence[float],
        deviation: Sequence[float],
        dropout: float = 0.0,
    ) -> None:
        super().__init__(layout, mean, deviation)
        self.dropout = dropout
        self.mobilenetv3_layout = layout
        self._shapes = layout.layers
        self.stem = nn.Conv2d(
            layout.image_channels,
            layout.stem_channels,
            _STEM_KERNEL,
            stride=layout.stem_stride,
            padding=_STEM_KERNEL // 2,
            bias=False,
        )
        self.stem_norm = PathBatchNorm(layout.stem_channels)
        self.first = SeparableLayer(layout.stem_channels)
        self.layers = nn.ModuleList(ElasticLayer(shape) for shape in self._shapes)
        self.last = PointwiseConv2d(self._shapes[-1].outputs, layout.final_channels)
        self.last_norm = PathBatchNorm(layout.final_channels)
        self.mix = PointwiseConv2d(layout.final_channels, layout.features)
        self.classifier = nn.Linear(layout.features, layout.classes)
        _initialize(self)
        nn.init.normal_(self.classifier.weight, 0.0, _CLASSIFIER_DEVIATION)
        self._numbers = layout.stem_channels * layout.stem_size**2
        self.to(memory_format=torch.channels_last)

    @property
    def shared_size(self) -> int:
        """Return how many numbers an image's `Beginning` holds."""
        return self._numbers

    @property
    def elastic_layers(self) -> Iterator[ElasticLayer]:
        """All 20 layers of the units, in order."""
        for layer in self.layers:
            assert isinstance(layer, ElasticLayer)
            yield layer

    def paths(self, batch: ArchitectureBatch) -> list[Subnet]:
        """Return the layers of each of N architectures of the MobileNetV3 space."""
        return subnets(batch)

    def standalone(self, path: Subnet) -> nn.Module:
        """Return a network of one path, with fresh weights, of plain layers."""
        from ctnas.spaces.mobilenetv3.subnet import MobileNetV3Network

        return MobileNetV3Network(self.mobilenetv3_layout, path)

    def inherit(self, path: Subnet, statistics: BatchStatistics) -> nn.Module:
        """Return the network of one path with the weights that it inherits, for evaluation."""
        from ctnas.spaces.mobilenetv3.subnet import inherited

        return inherited(self, path, statistics)

    def begin(self, images: Tensor, statistics: BatchStatistics | None) -> Beginning:
        """Return the output of stem and first layer, which all subnets share."""
        features = functional.hardswish(self.stem_norm(self.stem(self.scaled(images)), statistics))
        return Beginning(Node(self.first(features, statistics)))

    def finish(
        self, beginning: Beginning, path: Subnet, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return logits [B, classes] from the shared part on."""
        features = beginning.stem.features
        for unit, layers in enumerate(path):
            for position, (kernel, expansion) in enumerate(layers):
                layer = self.layers[unit * UNIT_LAYERS + position]
                features = layer(features, kernel, expansion, statistics)
        features = functional.hardswish(self.last_norm(self.last(features), statistics))
        pooled = features.mean(dim=(2, 3), keepdim=True)
        mixed = functional.hardswish(self.mix(pooled)).flatten(1)
        mixed = functional.dropout(mixed, self.dropout, training=self.training)
        logits: Tensor = self.classifier(mixed)
        return logits


def _initialize(network: nn.Module) -> None:
    """Draw weights of convolutions with deviation sqrt(2 / outputs of a pixel), as once-for-all."""
    for module in network.modules():
        if isinstance(module, PointwiseConv2d):
            nn.init.normal_(module.weight, 0.0, sqrt(2 / module.weight.shape[0]))
        elif isinstance(module, ElasticDepthwise | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
        elif isinstance(module, SeparableLayer):
            nn.init.kaiming_normal_(module.depthwise, mode="fan_out")
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, sqrt(2 / module.out_features))
            nn.init.zeros_(module.bias)
