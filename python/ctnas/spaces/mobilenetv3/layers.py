"""Layers whose kernel and width are chosen at every call, from one set of weights.

Feature maps are [B, C, H, W], best in channels-last memory. A narrower layer uses the leading
channels of the widest; a smaller kernel is a learned transform of the middle of the next larger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.spaces.mobilenetv3.costs import EXPANSIONS, KERNELS, squeezed_channels
from ctnas.supernet.layers import PointwiseConv2d, convolve_depthwise
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm

if TYPE_CHECKING:
    from ctnas.spaces.mobilenetv3.costs import LayerShape

WIDEST = max(EXPANSIONS)
"""Expansion of the weights that are held."""

_LARGEST = max(KERNELS)


class ElasticDepthwise(nn.Module):
    """A depthwise convolution of any kernel size and of any number of leading channels.

    A kernel of 5 is a linear map of the middle 25 weights of the kernel of 7, one of 3 a linear
    map of the middle 9 weights of that. The maps are learned, and shared by all channels.

    Args:
        channels: of the widest layer.
        stride: 1 or 2.
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(torch.empty(channels, 1, _LARGEST, _LARGEST))
        self.transforms = nn.ParameterDict(
            {str(kernel): nn.Parameter(torch.eye(kernel**2)) for kernel in KERNELS[:-1]}
        )

    def kernel_weight(self, channels: int, kernel: int) -> Tensor:
        """Return the weight [channels, 1, kernel, kernel] of a choice."""
        weight: Tensor = self.weight[:channels]
        for smaller in reversed(KERNELS[:-1]):
            if smaller < kernel:
                break
            margin = (weight.shape[-1] - smaller) // 2
            middle = weight[..., margin : margin + smaller, margin : margin + smaller]
            # In full precision: mixed precision is for features.
            with torch.autocast(weight.device.type, enabled=False):
                flat = functional.linear(middle.flatten(1), self.transforms[str(smaller)])
            weight = flat.view(channels, 1, smaller, smaller)
        return weight

    def forward(self, features: Tensor, kernel: int) -> Tensor:
        """Convolve [B, C, H, W] by the leading C channels."""
        return convolve_depthwise(
            features, self.kernel_weight(features.shape[1], kernel), self.stride
        )


class ElasticSqueeze(nn.Module):
    """Squeeze-and-excitation on any number of leading channels.

    Args:
        channels: of the widest layer.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = squeezed_channels(channels)
        self.reduce = nn.Linear(channels, squeezed)
        self.expand = nn.Linear(squeezed, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Scale each channel of [B, C, H, W] by what all channels say."""
        channels = features.shape[1]
        squeezed = squeezed_channels(channels)
        reduce, expand = self.reduce, self.expand
        means = features.mean(dim=(2, 3))
        inner = functional.linear(
            means, reduce.weight[:squeezed, :channels], reduce.bias[:squeezed]
        )
        scales = functional.linear(
            functional.relu(inner), expand.weight[:channels, :squeezed], expand.bias[:channels]
        )
        return features * functional.hardsigmoid(scales)[:, :, None, None]


class ElasticLayer(nn.Module):
    """An inverted bottleneck: expand, convolve each channel, squeeze and excite, project.

    Its input is added to its output where both have the same form.

    Args:
        shape: the layer.
    """

    def __init__(self, shape: LayerShape) -> None:
        super().__init__()
        self.shape = shape
        hidden = shape.hidden(WIDEST)
        self.expand = PointwiseConv2d(shape.inputs, hidden)
        self.expand_norm = PathBatchNorm(hidden)
        self.depthwise = ElasticDepthwise(hidden, shape.stride)
        self.depthwise_norm = PathBatchNorm(hidden)
        self.squeeze = ElasticSqueeze(hidden) if shape.squeeze else None
        self.project = PointwiseConv2d(hidden, shape.outputs)
        self.project_norm = PathBatchNorm(shape.outputs)

    def forward(
        self, features: Tensor, kernel: int, expansion: int, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return [B, outputs, H, W], or half of H and W at stride 2."""
        hidden = self.shape.hidden(expansion)
        inner = pointwise(features, self.expand.weight[:hidden])
        inner = self._activated(self.expand_norm(inner, statistics))
        inner = self.depthwise(inner, kernel)
        inner = self._activated(self.depthwise_norm(inner, statistics))
        if self.squeeze is not None:
            inner = self.squeeze(inner)
        inner = pointwise(inner, self.project.weight[:, :hidden])
        result: Tensor = self.project_norm(inner, statistics)
        return result + features if self.shape.residual else result

    def _activated(self, features: Tensor) -> Tensor:
        if self.shape.hard_swish:
            return functional.hardswish(features)
        return functional.relu(features)


class SeparableLayer(nn.Module):
    """The fixed first layer: each channel by itself, then all together, added to the input.

    Args:
        channels: of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Parameter(torch.empty(channels, 1, 3, 3))
        self.depthwise_norm = PathBatchNorm(channels)
        self.project = PointwiseConv2d(channels, channels)
        self.project_norm = PathBatchNorm(channels)

    def forward(self, features: Tensor, statistics: BatchStatistics | None) -> Tensor:
        """Return [B, C, H, W]."""
        inner = convolve_depthwise(features, self.depthwise)
        inner = functional.relu(self.depthwise_norm(inner, statistics))
        result: Tensor = self.project_norm(self.project(inner), statistics)
        return result + features


def pointwise(features: Tensor, weight: Tensor) -> Tensor:
    """Convolve [B, C, H, W] by a weight [D, C], as the matrix product that it is."""
    return functional.linear(features.permute(0, 2, 3, 1), weight).permute(0, 3, 1, 2)
