"""What is done to an image before it is learned from, by torchvision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torchvision.transforms import v2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

_COLOR_CHANNELS = 3
_SHIFT = 8
_JITTER = 0.4
_HUE = 0.2
_SMALLEST_CROP = 0.08
_BRIGHTNESS = 32 / 255
_SATURATION = 0.5


@dataclass(frozen=True, slots=True)
class Augmentation:
    """A random change of an image.

    Attributes:
        transform: takes and returns uint8 [C, H, W]; it draws from PyTorch's global generator.
        whole: whether it takes images in their own size, and fits them itself.
    """

    transform: Callable[[Tensor], Tensor]
    whole: bool = False


def shifted_and_flipped(
    shape: tuple[int, int, int], cutout: int = 0, mean: Sequence[float] | None = None
) -> Augmentation:
    """Return the augmentation of small images: a random shift, a flip, a square that is cut out.

    Color images are shifted by up to an eighth of their size and flipped; grey ones, which may be
    letters or digits, are not.

    Args:
        shape: channels, height and width of an image.
        cutout: side of the square, pixels; 0 cuts out none.
        mean: of each channel, units of the pixels; it fills the square.
    """
    channels, size, _ = shape
    steps: list[Callable[[Tensor], Tensor]] = []
    if channels == _COLOR_CHANNELS:
        steps += [v2.RandomCrop(size, padding=size // _SHIFT), v2.RandomHorizontalFlip()]
    if cutout:
        steps.append(Cutout(cutout, mean or [0.0] * channels))
    return Augmentation(v2.Compose(steps) if steps else _unchanged)


def cropped_and_colored(size: int) -> Augmentation:
    """Return the augmentation of ImageNet in the DARTS code: random crop, flip, colors.

    Args:
        size: height and width of the result, pixels.
    """
    return Augmentation(
        v2.Compose(
            [
                v2.RandomResizedCrop(size, antialias=True),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(_JITTER, _JITTER, _JITTER, _HUE),
            ]
        ),
        whole=True,
    )


def cropped_and_tinted(size: int) -> Augmentation:
    """Return the augmentation of ImageNet in the once-for-all code: random crop, flip, colors.

    Args:
        size: height and width of the result, pixels.
    """
    return Augmentation(
        v2.Compose(
            [
                v2.RandomResizedCrop(size, scale=(_SMALLEST_CROP, 1.0), antialias=True),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(brightness=_BRIGHTNESS, saturation=_SATURATION),
            ]
        ),
        whole=True,
    )


class Cutout:
    """Fill a square whose middle is anywhere in the image, its outer part cut off.

    Args:
        length: side of the square, pixels.
        fill: value of each channel.

    Source: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with
    Cutout", 2017.
    """

    def __init__(self, length: int, fill: Sequence[float]) -> None:
        self._length = length
        self._fill = torch.tensor(fill).round().to(torch.uint8).view(-1, 1, 1)

    def __call__(self, image: Tensor) -> Tensor:
        """Return uint8 [C, H, W] with the square filled."""
        middle = [int(torch.randint(side, ())) for side in image.shape[1:]]
        top, left = (max(place - self._length // 2, 0) for place in middle)
        bottom, right = (place - self._length // 2 + self._length for place in middle)
        result = image.clone()
        result[:, top:bottom, left:right] = self._fill
        return result


def _unchanged(image: Tensor) -> Tensor:
    return image
