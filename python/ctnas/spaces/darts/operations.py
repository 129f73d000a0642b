"""The candidate operations of the DARTS space; see `ctnas.supernet.layers`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.supernet.layers import (
    AveragePool,
    Identity,
    MaxPool,
    Node,
    Operation,
    PointwiseConv2d,
    convolve_depthwise,
)
from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm


class DepthwiseConv2d(nn.Conv2d):
    """A depthwise convolution without bias that keeps the size, or halves it by its stride.

    Args:
        channels: channels of input and output.
        kernel: height and width of the kernel, odd.
        stride: 1 or 2.
        dilation: 1 or 2.
    """

    def __init__(self, channels: int, kernel: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__(
            channels,
            channels,
            kernel,
            stride,
            padding=dilation * (kernel // 2),
            dilation=dilation,
            groups=channels,
            bias=False,
        )

    def forward(self, features: Tensor) -> Tensor:
        """Convolve [B, C, H, W]."""
        return convolve_depthwise(features, self.weight, self.stride[0], self.dilation[0])


class DepthwiseSeparable(nn.Module):
    """Depthwise and pointwise convolution of rectified features, then batch normalization."""

    def __init__(self, channels: int, kernel: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.depthwise = DepthwiseConv2d(channels, kernel, stride, dilation)
        self.pointwise = PointwiseConv2d(channels, channels)
        self.norm = PathBatchNorm(channels)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return normalized features [B, C, H, W], or half of H and W at stride 2."""
        features: Tensor = self.pointwise(self.depthwise(node.rectified))
        normalized: Tensor = self.norm(features, statistics)
        return normalized


class DilatedConv(Operation):
    """`dil_conv`: one depthwise separable convolution of dilation 2."""

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = DepthwiseSeparable(channels, kernel, stride, dilation=2)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return the addend."""
        features: Tensor = self.conv(node, statistics)
        return features


class SeparableConv(Operation):
    """`sep_conv`: a depthwise separable convolution applied twice, the first one strided."""

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.first = DepthwiseSeparable(channels, kernel, stride, dilation=1)
        self.second = DepthwiseSeparable(channels, kernel, 1, dilation=1)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return the addend."""
        features: Tensor = self.second(Node(self.first(node, statistics)), statistics)
        return features


class FactorizedReduction(Operation):
    """Halve height and width by two strided 1x1 convolutions, one of them a pixel further.

    It is `skip_connect` where the size is halved, and fits the input of a cell behind a reduction.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.even = PointwiseConv2d(inputs, outputs // 2)
        self.odd = PointwiseConv2d(inputs, outputs - outputs // 2)
        self.norm = PathBatchNorm(outputs)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return normalized features [B, outputs, ceil(H / 2), ceil(W / 2)]."""
        features = node.rectified
        height, width = features.shape[2:]
        shifted = functional.pad(features, (0, width % 2, 0, height % 2))[:, :, 1::2, 1::2]
        halves = [self.even(features[:, :, ::2, ::2]), self.odd(shifted)]
        reduced: Tensor = self.norm(torch.cat(halves, dim=1), statistics)
        return reduced


class RectifiedPointwise(Operation):
    """ReLU, 1x1 convolution, batch normalization: fits the channels of a cell's input."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = PointwiseConv2d(inputs, outputs)
        self.norm = PathBatchNorm(outputs)

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return normalized features [B, outputs, H, W]."""
        features: Tensor = self.norm(self.conv(node.rectified), statistics)
        return features


def make_operation(
    name: str, channels: int, stride: int, *, pools_normalized: bool = True
) -> Operation:
    """Return a candidate operation with fresh weights.

    Args:
        name: one of `DARTS_OPERATIONS` but `none`, which is no operation at all.
        channels: channels of input and output.
        stride: 1 keeps the size, 2 halves it.
        pools_normalized: whether batch normalization follows pooling, as in a DARTS supernet.
    """
    kind, _, kernel = name.rpartition("_")
    if kind == "max_pool":
        return MaxPool(channels, int(kernel[0]), stride, normalized=pools_normalized)
    if kind == "avg_pool":
        return AveragePool(channels, int(kernel[0]), stride, normalized=pools_normalized)
    if kind == "sep_conv":
        return SeparableConv(channels, int(kernel[0]), stride)
    if kind == "dil_conv":
        return DilatedConv(channels, int(kernel[0]), stride)
    return Identity() if stride == 1 else FactorizedReduction(channels, channels)
