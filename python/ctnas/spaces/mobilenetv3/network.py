"""The MobileNetV3 supernet: one network that holds the weights of every subnet."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops.misc import SqueezeExcitation

from ctnas.app.torch_state import dropout
from ctnas.spaces.mobilenetv3.costs import (
    EXPANSIONS,
    KERNELS,
    UNIT_LAYERS,
    MobileNetV3Layout,
    squeezed_channels,
)
from ctnas.spaces.mobilenetv3.layers import (
    ElasticDepthwise,
    ElasticLayer,
    ElasticSqueeze,
    SeparableLayer,
)
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.spaces.mobilenetv3.subnet import InvertedBottleneck, MobileNetV3Network, Subnet
from ctnas.supernet.layers import Node, PointwiseConv2d
from ctnas.supernet.network import Beginning, Supernet
from ctnas.supernet.normalization import PathBatchNorm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.normalization import BatchStatistics

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

    @staticmethod
    def paths(batch: ArchitectureBatch) -> list[Subnet]:
        """Return the layers of each of N architectures of the MobileNetV3 space."""
        return subnets(batch)

    def single_path(self, path: Subnet) -> nn.Module:
        """Return a network of one path, with fresh weights, of plain layers."""
        return MobileNetV3Network(self.mobilenetv3_layout, path)

    def inherit(self, path: Subnet, statistics: BatchStatistics) -> nn.Module:
        """Return the network of one path with the weights that it inherits, for evaluation."""
        network = MobileNetV3Network(self.mobilenetv3_layout, path).to(self.mean)
        with torch.no_grad():
            _Inheritance(self, statistics).fill(network, path)
        return network.eval()

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
        if self.training and self.dropout:
            mixed = dropout(mixed, self.dropout)
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


class _Inheritance:
    """Copies the weights of a supernet, and the statistics of one path."""

    def __init__(self, supernet: MobileNetV3Supernet, statistics: BatchStatistics) -> None:
        self._supernet, self._statistics = supernet, statistics

    def fill(self, network: MobileNetV3Network, subnet: Subnet) -> None:
        supernet = self._supernet
        network.mean.copy_(supernet.mean)
        network.deviation.copy_(supernet.deviation)
        self._conv(network.stem, supernet.stem.weight, supernet.stem_norm)
        first = supernet.first
        self._conv(network.first[0], first.depthwise, first.depthwise_norm)
        self._conv(network.first[1], _square(first.project), first.project_norm)
        layers = iter(network.layers)
        for unit, choices in enumerate(subnet):
            for position, choice in enumerate(choices):
                elastic = supernet.layers[unit * UNIT_LAYERS + position]
                assert isinstance(elastic, ElasticLayer)
                self._layer(next(layers), elastic, *choice)
        self._conv(network.last, _square(supernet.last), supernet.last_norm)
        network.mix.weight.copy_(_square(supernet.mix))
        network.classifier.load_state_dict(supernet.classifier.state_dict())

    def _layer(self, layer: nn.Module, elastic: ElasticLayer, kernel: int, expansion: int) -> None:
        assert isinstance(layer, InvertedBottleneck)
        hidden = elastic.shape.hidden(expansion)
        self._conv(layer.expand, _square(elastic.expand)[:hidden], elastic.expand_norm)
        weight = elastic.depthwise.kernel_weight(hidden, kernel)
        self._conv(layer.depthwise, weight, elastic.depthwise_norm)
        if elastic.squeeze is not None:
            _fill_squeeze(layer.squeeze, elastic.squeeze, hidden)
        self._conv(layer.project, _square(elastic.project)[:, :hidden], elastic.project_norm)

    def _conv(self, block: nn.Module, weight: Tensor, norm: PathBatchNorm) -> None:
        convolution, plain = block.get_submodule("0"), block.get_submodule("1")
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(plain, nn.BatchNorm2d)
        assert plain.running_mean is not None
        assert plain.running_var is not None
        convolution.weight.copy_(weight)
        channels = plain.num_features
        mean, variance = self._statistics.measured(norm)
        plain.running_mean.copy_(mean)
        plain.running_var.copy_(variance)
        for own, shared in ((plain.weight, norm.weight), (plain.bias, norm.bias)):
            if shared is not None:
                own.copy_(shared[:channels])


def _fill_squeeze(block: nn.Module, elastic: ElasticSqueeze, channels: int) -> None:
    assert isinstance(block, SqueezeExcitation)
    squeezed = squeezed_channels(channels)
    block.fc1.weight.copy_(elastic.reduce.weight[:squeezed, :channels, None, None])
    block.fc1.bias.copy_(elastic.reduce.bias[:squeezed])
    block.fc2.weight.copy_(elastic.expand.weight[:channels, :squeezed, None, None])
    block.fc2.bias.copy_(elastic.expand.bias[:channels])


def _square(pointwise: PointwiseConv2d) -> Tensor:
    """Return the weight of a 1x1 convolution as PyTorch has it, [outputs, inputs, 1, 1]."""
    return pointwise.weight[:, :, None, None]
