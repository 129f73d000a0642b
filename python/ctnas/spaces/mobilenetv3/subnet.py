"""One subnet as a plain network of PyTorch and torchvision layers: to deploy or to train on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn
from torchvision.ops.misc import Conv2dNormActivation, SqueezeExcitation

from ctnas.spaces.mobilenetv3.costs import UNIT_LAYERS, squeezed_channels

if TYPE_CHECKING:
    from ctnas.spaces.mobilenetv3.costs import LayerShape, MobileNetV3Layout

Subnet: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""The layers of each unit: kernel size and expansion ratio."""

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
