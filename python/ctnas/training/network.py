"""What every network on images is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence


class ImageNetwork(nn.Module):
    """A network that takes pixels as they are.

    Args:
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(-1, 1, 1))

    @property
    def statistics(self) -> tuple[list[float], list[float]]:
        """Return mean and standard deviation of each image channel."""
        return self.mean.flatten().tolist(), self.deviation.flatten().tolist()

    def scaled(self, images: Tensor) -> Tensor:
        """Return images uint8 [B, C, H, W] as numbers of mean 0 and deviation 1."""
        scaled = (images.to(self.mean.dtype) - self.mean) / self.deviation
        return scaled.contiguous(memory_format=torch.channels_last)
