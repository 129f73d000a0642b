"""The candidate operations of the DARTS space, and the layers that they are made of.

Feature maps are [B, C, H, W], best in channels-last memory. Every operation takes a `Node`, whose
rectified form is computed once for all that read it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm


class Node:
    """What a node of a cell puts out."""

    __slots__ = ("_rectified", "features")

    def __init__(self, features: Tensor) -> None:
        self.features = features
        self._rectified: Tensor | None = None

    @property
    def rectified(self) -> Tensor:
        """ReLU of the features."""
        if self._rectified is None:
            self._rectified = functional.relu(self.features)
        return self._rectified


class Operation(nn.Module, ABC):
    """What turns the features of one node into an addend of another."""

    @abstractmethod
    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return the addend; batch normalization uses `statistics`, or the batch without."""


class PointwiseConv2d(nn.Module):
    """A 1x1 convolution, computed as the matrix product that it is in channels-last memory."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.Linear(inputs, outputs, bias=False).weight.detach())

    def forward(self, features: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H, W]."""
        return functional.linear(features.permute(0, 2, 3, 1), self.weight).permute(0, 3, 1, 2)


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


def convolve_depthwise(
    features: Tensor, weight: Tensor, stride: int = 1, dilation: int = 1
) -> Tensor:
    """Convolve each channel of [B, C, H, W] by itself, padded to keep the size at stride 1.

    Args:
        features: the input.
        weight: [C, 1, K, K], K odd.
        stride: 1 or 2.
        dilation: 1 or 2.
    """
    if stride == dilation == 2:
        # Such a kernel reads even rows and columns only.
        features = features[:, :, ::2, ::2].contiguous(memory_format=torch.channels_last)
        stride = dilation = 1
    radius = weight.shape[-1] // 2
    # Taps that meet padding wherever the kernel stands cost time and add nothing.
    reach = min(radius, (max(features.shape[2:]) - 1) // dilation)
    if reach < radius:
        taps = slice(radius - reach, radius + reach + 1)
        weight = weight[:, :, taps, taps].contiguous()
    return functional.conv2d(
        features, weight, None, stride, dilation * reach, dilation, features.shape[1]
    )


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


class Pool(Operation):
    """A pooling; it has no weights.

    Args:
        channels: channels of input and output.
        kernel: height and width of the window, odd.
        stride: 1 or 2.
        normalized: whether batch normalization follows.
    """

    def __init__(
        self, channels: int, kernel: int, stride: int = 1, *, normalized: bool = True
    ) -> None:
        super().__init__()
        self.window = (kernel, stride, kernel // 2)
        self.norm = PathBatchNorm(channels, affine=False) if normalized else None

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:
        """Return the addend."""
        pooled = self.pool(node.features)
        return pooled if self.norm is None else self.norm(pooled, statistics)

    @abstractmethod
    def pool(self, features: Tensor) -> Tensor:
        """Return what the windows of images [B, C, H, W] are made into."""


class MaxPool(Pool):
    """`max_pool`."""

    def pool(self, features: Tensor) -> Tensor:
        """See Pool."""
        return functional.max_pool2d(features, *self.window)


class AveragePool(Pool):
    """`avg_pool` over the pixels inside the image."""

    def pool(self, features: Tensor) -> Tensor:
        """See Pool."""
        return functional.avg_pool2d(features, *self.window, count_include_pad=False)


class Identity(Operation):
    """`skip_connect` where the size is kept."""

    def forward(self, node: Node, statistics: BatchStatistics | None) -> Tensor:  # noqa: ARG002
        """Return the features themselves."""
        return node.features


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
