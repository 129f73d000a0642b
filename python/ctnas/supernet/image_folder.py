"""Image folders: `train/<class>/*` and `test/<class>/*`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torchvision.datasets.folder import IMG_EXTENSIONS, make_dataset
from torchvision.transforms import v2

from ctnas.errors import DatasetError, InputFileError
from ctnas.supernet.image_set import Batch, ImageSet, fit_to_square, square_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

_PARTS = ("train", "test")
_GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F"})


class ImageFiles(ImageSet):
    """Images that are decoded when they are asked for, and fitted to one size.

    Args:
        files: one path an image.
        labels: int64 [N].
        shape: channels (1 grey, 3 color), height and width that every image is given.
    """

    def __init__(self, files: Sequence[str], labels: Tensor, shape: tuple[int, int, int]) -> None:
        self.files = files
        self.labels = labels
        self.shape = shape

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """
        decode = partial(_decode, channels=self.shape[0], size=self.shape[1])
        with ThreadPoolExecutor(cpu_count()) as pool:
            images = list(pool.map(decode, (self.files[index] for index in indices)))
        return torch.stack(images), self.labels[torch.as_tensor(indices)]

    def subset(self, indices: Sequence[int]) -> ImageFiles:
        """Return some of the images."""
        files = [self.files[index] for index in indices]
        return ImageFiles(files, self.labels[torch.as_tensor(indices)], self.shape)


def read_image_folder(
    folder: Path, image_size: int | None
) -> tuple[tuple[str, ...], ImageFiles, ImageFiles]:
    """Return the classes, the training and the test images of a folder.

    Images are grey where all files are. Without `image_size` they keep their own size where all
    share it, or get the median one, between 8 and 64 pixels either way.

    Args:
        folder: holds `train/<class>/*` and `test/<class>/*`.
        image_size: height and width that images are fitted to, pixels.

    Raises:
        InputFileError: if there is no train or test folder.
        DatasetError: if classes are missing, empty or differ between the two, or an image cannot
            be read.
    """
    for part in _PARTS:
        if not (folder / part).is_dir():
            raise InputFileError(
                f"{folder} has no folder {part!r}; images belong in {folder}/{part}/<class>/"
            )
    classes = _classes(folder)
    samples = {part: _samples(folder / part, classes) for part in _PARTS}
    channels, size = _survey([path for part in _PARTS for path, _ in samples[part]], image_size)
    train, test = (
        ImageFiles(
            [path for path, _ in samples[part]],
            torch.tensor([label for _, label in samples[part]]),
            (channels, size, size),
        )
        for part in _PARTS
    )
    return classes, train, test


def _classes(folder: Path) -> tuple[str, ...]:
    """Return the names of the class folders, which train and test must share."""
    train, test = (
        {entry.name for entry in (folder / part).iterdir() if _is_class(entry)} for part in _PARTS
    )
    if not train:
        raise DatasetError(f"{folder / 'train'} has no class folders")
    if train != test:
        name = min(train ^ test)
        has, lacks = _PARTS if name in train else reversed(_PARTS)
        raise DatasetError(
            f"class {name!r} is in {folder / has} but not in {folder / lacks}; "
            "both need the same class folders"
        )
    return tuple(sorted(train))


def _is_class(entry: Path) -> bool:
    return entry.is_dir() and not entry.name.startswith(".")


def _samples(folder: Path, classes: Sequence[str]) -> list[tuple[str, int]]:
    """Return the (path, label) pairs of a part, sorted by class and path."""
    index = {name: label for label, name in enumerate(classes)}
    samples: list[tuple[str, int]] = make_dataset(
        str(folder), index, extensions=IMG_EXTENSIONS, allow_empty=True
    )
    present = {label for _, label in samples}
    for name, label in index.items():
        if label not in present:
            raise DatasetError(
                f"{folder / name} holds no images; known are {', '.join(IMG_EXTENSIONS)}"
            )
    return samples


def _survey(paths: Sequence[str], image_size: int | None) -> tuple[int, int]:
    """Return the channels and the size that suit all images, from their headers."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        headers = list(pool.map(_header, paths))
    sizes = np.array([(height, width) for _, height, width in headers])
    grey = all(mode in _GREY_MODES or mode.startswith("I;16") for mode, _, _ in headers)
    height, width = np.median(sizes, axis=0).astype(int).tolist()
    return 1 if grey else 3, square_size(image_size, height, width)


def _header(path: str) -> tuple[str, int, int]:
    """Return mode, height and width of an image."""
    with _opened(path) as image:
        return image.mode, image.height, image.width


def _decode(path: str, channels: int, size: int) -> Tensor:
    """Return an image as uint8 [channels, size, size]."""
    with _opened(path) as image:
        try:
            return fit_to_square(v2.functional.pil_to_tensor(_converted(image, channels)), size)
        except (OSError, ValueError, SyntaxError) as error:
            raise _unreadable(path, error) from error


def _opened(path: str) -> Image.Image:
    try:
        return Image.open(path)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> DatasetError:
    reason = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
    return DatasetError(f"{path} is not a readable image{reason}")


def _converted(image: Image.Image, channels: int) -> Image.Image:
    """Return an image in 8 bits a channel, grey or color."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in image.info:
        # A palette cannot be cut off directly from the transparency that belongs to it.
        image = image.convert("RGBA")
    return image.convert("L" if channels == 1 else "RGB")
