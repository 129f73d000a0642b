"""One subnet as a plain network of PyTorch and torchvision layers: to deploy or to train on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation

from ctnas.errors import ArchitectureError, ConfigurationError
from ctnas.spaces.mobilenetv3.costs import UNIT_LAYERS, squeezed_channels
from ctnas.spaces.mobilenetv3.layers import ElasticLayer, ElasticSqueeze
from ctnas.spaces.mobilenetv3.network import MobileNetV3Supernet
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.spaces.darts.operations import PointwiseConv2d
    from ctnas.spaces.mobilenetv3.costs import LayerShape, MobileNetV3Layout
    from ctnas.spaces.mobilenetv3.network import Subnet
    from ctnas.supernet.network import Supernet

_conv = partial(Conv2dNormActivation, activation_layer=None)


class InvertedBottleneck(nn.Module):
    """A layer of fixed kernel and width.

    Args:
        shape: the layer that it is a part of.
        kernel: height and width of the depthwise kernel, pixels.
        expansion: inner channels in units of those that it reads.
    """

    def __init__(self, shape: LayerShape, kernel: int, expansion: int) -> None:
        super().__init__()
        hidden = shape.hidden(expansion)
        activation = nn.Hardswish if shape.hard_swish else nn.ReLU
        self.residual = shape.residual
        self.expand = _conv(shape.inputs, hidden, 1, activation_layer=activation)
        self.depthwise = _conv(
            hidden, hidden, kernel, shape.stride, groups=hidden, activation_layer=activation
        )
        squeezed = squeezed_channels(hidden)
        self.squeeze = (
            SqueezeExcitation(hidden, squeezed, scale_activation=nn.Hardsigmoid)
            if shape.squeeze
            else nn.Identity()
        )
        self.project = _conv(hidden, shape.outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, outputs, H, W], or half of H and W at stride 2."""
        result: Tensor = self.project(self.squeeze(self.depthwise(self.expand(features))))
        return result + features if self.residual else result


class MobileNetV3Network(nn.Module):
    """One architecture of the MobileNetV3 space as a network of its own.

    Args:
        layout: the network that it is a part of.
        subnet: the layers of each unit.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, layout: MobileNetV3Layout, subnet: Subnet) -> None:
        super().__init__()
        channels, stem = layout.image_channels, layout.stem_channels
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1))
        self.stem = _conv(channels, stem, 3, layout.stem_stride, activation_layer=nn.Hardswish)
        self.first = nn.Sequential(
            _conv(stem, stem, 3, groups=stem, activation_layer=nn.ReLU), _conv(stem, stem, 1)
        )
        shapes = layout.layers
        self.layers = nn.Sequential(
            *(
                InvertedBottleneck(shapes[unit * UNIT_LAYERS + position], *choice)
                for unit, layers in enumerate(subnet)
                for position, choice in enumerate(layers)
            )
        )
        last = layout.final_channels
        self.last = _conv(shapes[-1].outputs, last, 1, activation_layer=nn.Hardswish)
        self.mix = nn.Conv2d(last, layout.features, 1, bias=False)
        self.classifier = nn.Linear(layout.features, layout.classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [B, classes] of images uint8 [B, C, H, W]."""
        scaled = (images.to(self.mean.dtype) - self.mean) / self.deviation
        stem = self.stem(scaled)
        features = self.last(self.layers(self.first(stem) + stem))
        mixed = nn.functional.hardswish(self.mix(features.mean(dim=(2, 3), keepdim=True)))
        logits: Tensor = self.classifier(mixed.flatten(1))
        return logits


def extract_subnet(
    supernet: Supernet, architecture: ArchitectureBatch, calibration: Tensor
) -> MobileNetV3Network:
    """Return an architecture with the weights that it inherits, as a network of its own.

    Args:
        supernet: the trained weights; they stay as they are.
        architecture: a batch of one.
        calibration: training images that its batch-norm statistics are measured on, uint8
            [B, C, H, W].

    Returns:
        The network in evaluation mode, on the supernet's device.

    Raises:
        ArchitectureError: if it is not one architecture of the MobileNetV3 space.
        ConfigurationError: if the supernet belongs to another space.
    """
    if not isinstance(supernet, MobileNetV3Supernet):
        raise ConfigurationError(
            f"single networks are extracted from supernets of space 'mobilenetv3', "
            f"not {supernet.space!r}"
        )
    if len(architecture) != 1:
        raise ArchitectureError(f"one architecture is extracted, not {len(architecture)}")
    (subnet,) = supernet.paths(architecture)
    statistics = BatchStatistics(len(calibration))
    like = supernet.mean
    with torch.inference_mode():
        supernet.eval()(calibration.to(like.device), subnet, statistics)
    return inherited(supernet, subnet, statistics)


def inherited(
    supernet: MobileNetV3Supernet, subnet: Subnet, statistics: BatchStatistics
) -> MobileNetV3Network:
    """Return a subnet with the weights that it inherits, in evaluation mode.

    Args:
        supernet: the trained weights.
        subnet: the layers of each unit.
        statistics: of batch normalization, measured along this subnet.
    """
    network = MobileNetV3Network(supernet.mobilenetv3_layout, subnet).to(supernet.mean)
    with torch.no_grad():
        _Inheritance(supernet, statistics).fill(network, subnet)
    return network.eval()


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
