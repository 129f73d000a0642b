"""Layers that supernets of several spaces are made of.

Feature maps are [B, C, H, W], best in channels-last memory. Every operation takes a `Node`, whose
rectified form is computed once for all that read it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.supernet.normalization import PathBatchNorm

if TYPE_CHECKING:
    from ctnas.supernet.normalization import BatchStatistics


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
