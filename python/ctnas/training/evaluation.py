"""How a network does on images that it has not learned from."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ctnas.training.image_set import ImageSet

TOP = 5


@dataclass(frozen=True, slots=True)
class Score:
    """How a network does on images that it has not learned from.

    Attributes:
        accuracy: fraction of images whose class is found the most likely.
        top5: fraction whose class is among the five most likely; NaN with five classes or fewer.
    """

    accuracy: float
    top5: float


def evaluate(
    network: Callable[[Tensor], Tensor], device: torch.device, images: ImageSet, batch_size: int
) -> Score:
    """Return how a network does on images.

    Args:
        network: returns logits [B, classes] of images uint8 [B, C, H, W].
        device: where it computes.
        images: none of those that it has learned from.
        batch_size: images at a time.
    """
    right, near = 0, 0
    with torch.inference_mode():
        for start in range(0, len(images), batch_size):
            rows = range(start, min(start + batch_size, len(images)))
            pixels, labels = (part.to(device) for part in images.batch(rows))
            logits = network(pixels).float()
            right += int((logits.argmax(dim=1) == labels).sum())
            near += among_best(logits, labels)
    top5 = near / len(images) if logits.shape[1] > TOP else nan
    return Score(right / len(images), top5)


def among_best(logits: Tensor, labels: Tensor) -> int:
    """Return how many labels [B] are among the five largest of logits [B, classes]."""
    best = logits.topk(min(TOP, logits.shape[1]), dim=1).indices
    return int((best == labels[:, None]).sum())
