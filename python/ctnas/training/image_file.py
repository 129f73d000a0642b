"""One image file: what its header says, and its pixels in 8 bits a channel."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError
from torchvision.transforms import v2

from ctnas.errors import DatasetError
from ctnas.training.image_set import fit_to_square

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F"})

_PHOTOMETRIC, _SAMPLE_FORMAT, _BITS = 262, 339, 258
"""Tags of TIFF: what black is (0: white is zero), the type of pixels, bits of a sample."""
_WHITE_IS_ZERO, _UNSIGNED, _SIGNED = 0, 1, 2

_SIXTEEN = (0.0, 2.0**16 - 1)
_INTEGER_RANGES = (
    (0.0, 2.0**8 - 1),
    _SIXTEEN,
    (-(2.0**15), 2.0**15 - 1),
    (0.0, 2.0**31 - 1),
    (0.0, 2.0**32 - 1),
    (-(2.0**31), 2.0**31 - 1),
)
_FLOAT_RANGES = ((0.0, 1.0), (0.0, 255.0))


@dataclass(frozen=True, slots=True)
class Extremes:
    """The least and the greatest of pixels whose type does not say what black and white are.

    Attributes:
        path: of the image.
        real: whether pixels are floating point numbers, not integers.
        low: the least value.
        high: the greatest value.
    """

    path: str
    real: bool
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Header:
    """What an image is before it is decoded.

    Attributes:
        grey: whether it has no color.
        height: pixels.
        width: pixels.
        extremes: of an image whose values are to be scaled by a range that all images share.
    """

    grey: bool
    height: int
    width: int
    extremes: Extremes | None


@dataclass(frozen=True, slots=True)
class ValueRanges:
    """What black and white are in images whose type of pixels does not say it.

    Signed 16-bit and all 32-bit pixels hold 8-bit values in practice as well as 16-bit ones or
    their own full range. One range holds for all such images of a data set: the first of 0 to
    255, 0 to 65535, -32768 to 32767 and the 32-bit ranges that contains every value, so equal
    values are equally bright everywhere. Floating point pixels are between 0 and 1 or 0 and 255.

    Attributes:
        integers: values of black and white.
        reals: values of black and white of floating point pixels.
    """

    integers: tuple[float, float] = _SIXTEEN
    reals: tuple[float, float] = _FLOAT_RANGES[0]

    @classmethod
    def of(cls, images: Sequence[Extremes]) -> ValueRanges:
        """Return the ranges that hold all images.

        Raises:
            DatasetError: if no range does; the image is named.
        """
        integers = [each for each in images if not each.real]
        reals = [each for each in images if each.real]
        return cls(
            _range(integers, _INTEGER_RANGES) if integers else _SIXTEEN,
            _range(reals, _FLOAT_RANGES) if reals else _FLOAT_RANGES[0],
        )


def _range(images: Sequence[Extremes], known: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the first of the known ranges that holds all images."""
    low, high = (min(each.low for each in images), max(each.high for each in images))
    for black, white in known:
        if black <= low and high <= white:
            # Of what is not spread over 32 bits, a single shade of grey would be left.
            if white - black > 2**16 and high - low < (white - black) / 256:
                break
            return black, white
    farthest = max(images, key=lambda each: max(each.high, -each.low))
    kinds = " or ".join(f"{black:.0f} to {white:.0f}" for black, white in known)
    raise DatasetError(
        f"{farthest.path} cannot be scaled to 8 bits: it has values from {farthest.low:g} to "
        f"{farthest.high:g}, and which of them are black and white is known only of {kinds}, "
        "spread over it"
    )


def read_header(path: str) -> Header:
    """Return what an image is; pixels are read only where their range is to be found.

    Raises:
        DatasetError: if it is not a readable image.
    """
    with _opened(path) as image:
        grey = image.mode in GREY_MODES or image.mode.startswith("I;16")
        return Header(grey, image.height, image.width, _extremes(path, image))


def _extremes(path: str, image: Image.Image) -> Extremes | None:
    if not _is_unscaled(image):
        return None
    values = _values(image)
    low, high = float(values.min()) + 0.0, float(values.max()) + 0.0
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DatasetError(f"{path} cannot be scaled to 8 bits: it has values that are not finite")
    found = Extremes(path, image.mode == "F", low, high)
    ValueRanges.of([found])
    return found


def decode(
    path: str, ranges: ValueRanges, channels: int, size: int | None, crop: float = 1.0
) -> Tensor:
    """Return an image as uint8 [channels, size, size], or in its own size without one.

    Args:
        path: of the image.
        ranges: black and white of images whose type of pixels does not say it.
        channels: 1 grey, 3 color.
        size: height and width, pixels.
        crop: share of the image's shorter side that is shown.

    Raises:
        DatasetError: if it is not a readable image.
    """
    with _opened(path) as image:
        pixels: Tensor = v2.functional.pil_to_tensor(_converted(image, ranges, channels))
        return pixels if size is None else fit_to_square(pixels, size, crop)


@contextmanager
def _opened(path: str) -> Iterator[Image.Image]:
    """Open an image; whatever its reader raises is an error of the file."""
    try:
        with Image.open(path) as image:
            yield image
    except DatasetError:
        raise
    except UnidentifiedImageError as error:
        raise DatasetError(
            f"{path} is not a readable image (its format or its type of pixels is not known)"
        ) from error
    except Exception as error:
        raise DatasetError(f"{path} is not a readable image ({error or repr(error)})") from error


def _converted(image: Image.Image, ranges: ValueRanges, channels: int) -> Image.Image:
    """Return an image in 8 bits a channel, grey or color."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16") or _is_signed_byte(image):
        image = _scaled(image, ranges)
    if "transparency" in image.info:
        # A palette cannot be cut off directly from the transparency that belongs to it.
        image = image.convert("RGBA")
    return image.convert("L" if channels == 1 else "RGB")


def _scaled(image: Image.Image, ranges: ValueRanges) -> Image.Image:
    """Return an image with one channel of more than 8 bits as 256 levels of equal width."""
    black, white = _known_range(image)
    if _is_unscaled(image):
        black, white = ranges.reals if image.mode == "F" else ranges.integers
    values = _values(image).astype(np.float64) - black
    # Integers take the upper 8 bits, as 16-bit colors do; fractions have white at 1.
    width = (white - black) if image.mode == "F" else (white - black + 1) * (255 / 256)
    levels = values * (255 / width)
    levels = np.rint(levels) if image.mode == "F" else np.floor(levels)
    grey = np.clip(levels, 0, 255).astype(np.uint8)
    if _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        grey = 255 - grey
    return Image.fromarray(grey)


def _known_range(image: Image.Image) -> tuple[float, float]:
    """Return black and white of an image by its type of pixels."""
    if _is_signed_byte(image):
        return -128.0, 127.0
    if _tag(image, _BITS) == 12:
        return 0.0, 2.0**12 - 1
    return _SIXTEEN


def _is_unscaled(image: Image.Image) -> bool:
    """Return whether a type of pixels leaves open what black and white are.

    Netpbm's readers have scaled pixels to 16 bits by the maximum that the header gives.
    """
    return image.mode == "F" or (image.mode == "I" and image.format != "PPM")


def _is_signed_byte(image: Image.Image) -> bool:
    return image.mode == "L" and _tag(image, _SAMPLE_FORMAT) == _SIGNED


def _values(image: Image.Image) -> NDArray[np.generic]:
    """Return the pixels [H, W] of an image with one channel, in their type."""
    values = np.asarray(image)
    if image.mode == "I" and _tag(image, _BITS) == 32 and _tag(image, _SAMPLE_FORMAT) == _UNSIGNED:
        return values.view(np.uint32)
    return values.view(np.int8) if _is_signed_byte(image) else values


def _tag(image: Image.Image, number: int) -> int | None:
    """Return a tag of a TIFF image; None of other formats."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return None
    value: object = tags.get(number, _UNSIGNED if number == _SAMPLE_FORMAT else None)
    first = value[0] if isinstance(value, tuple) and value else value
    return first if isinstance(first, int) else None
