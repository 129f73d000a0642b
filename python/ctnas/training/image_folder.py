"""Image folders: `train/<class>/*` and `test/<class>/*`, or `val/<class>/*` as in ImageNet."""

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
from ctnas.training.image_set import Batch, ImageSet, fit_to_square, square_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from ctnas.training.augmentation import Augmentation

_TEST = ("test", "val")
_GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F"})


class ImageFiles(ImageSet):
    """Images that are decoded when they are asked for, and fitted to one size.

    Args:
        files: one path an image.
        labels: int64 [N].
        shape: channels (1 grey, 3 color), height and width that every image is given.
        crop: share of an image's shorter side that is shown.
    """

    def __init__(
        self,
        files: Sequence[str],
        labels: Tensor,
        shape: tuple[int, int, int],
        crop: float = 1.0,
    ) -> None:
        self.files = files
        self.labels = labels
        self.shape = shape
        self.crop = crop

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """
        decode = partial(_decode, channels=self.shape[0], size=self.shape[1], crop=self.crop)
        with ThreadPoolExecutor(cpu_count()) as pool:
            images = list(pool.map(decode, (self.files[index] for index in indices)))
        return torch.stack(images), self.labels[torch.as_tensor(indices, dtype=torch.int64)]

    def augmented(self, indices: Sequence[int], augmentation: Augmentation) -> Batch:
        """Return images as they are learned from, uint8 [B, C, H, W], and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """
        if not augmentation.whole:
            return super().augmented(indices, augmentation)
        decode = partial(_decode, channels=self.shape[0], size=None)
        with ThreadPoolExecutor(cpu_count()) as pool:
            images = list(pool.map(decode, (self.files[index] for index in indices)))
        # One after another: threads would share the random numbers in any order.
        changed = torch.stack([augmentation.transform(image) for image in images])
        return changed, self.labels[torch.as_tensor(indices, dtype=torch.int64)]

    def subset(self, indices: Sequence[int]) -> ImageFiles:
        """Return some of the images."""
        files = [self.files[index] for index in indices]
        labels = self.labels[torch.as_tensor(indices, dtype=torch.int64)]
        return ImageFiles(files, labels, self.shape, self.crop)


def read_image_folder(
    folder: Path,
    image_size: int | None,
    skipped: list[str] | None = None,
    crop: float = 1.0,
) -> tuple[tuple[str, ...], ImageFiles, ImageFiles]:
    """Return the classes, the training and the test images of a folder.

    Images are grey where all files are. Without `image_size` they keep their own size where all
    share it, or get the median one, between 8 and 64 pixels either way.

    Args:
        folder: holds `train/<class>/*` and `test/<class>/*`, or `val/<class>/*`.
        image_size: height and width that images are fitted to, pixels.
        skipped: gets the files that cannot be read, which are left out then; every image is
            decoded once to find them. Without it such a file is an error when it is met.
        crop: share of an image's shorter side that is shown.

    Raises:
        InputFileError: if there is no train or test folder.
        DatasetError: if classes are missing, empty or differ between the two, or an image cannot
            be read.
    """
    parts = _parts(folder)
    classes = _classes(parts)
    samples = [_samples(part, classes) for part in parts]
    if skipped is not None:
        samples = [_readable(part, skipped) for part in samples]
        for part, chosen in zip(parts, samples, strict=True):
            _check_classes(part, classes, chosen, "no readable images")
    channels, size = _survey([path for part in samples for path, _ in part], image_size)
    train, test = (
        ImageFiles(
            [path for path, _ in part],
            torch.tensor([label for _, label in part]),
            (channels, size, size),
            crop,
        )
        for part in samples
    )
    return classes, train, test


def _parts(folder: Path) -> tuple[Path, Path]:
    """Return the folders of training and test images."""
    train = folder / "train"
    test = next((folder / name for name in _TEST if (folder / name).is_dir()), folder / _TEST[0])
    for part in (train, test):
        if not part.is_dir():
            raise InputFileError(
                f"{folder} has no folder {part.name!r}; images belong in {part}/<class>/"
            )
    return train, test


def _classes(parts: tuple[Path, Path]) -> tuple[str, ...]:
    """Return the names of the class folders, which train and test must share."""
    train, test = ({entry.name for entry in part.iterdir() if _is_class(entry)} for part in parts)
    if not train:
        raise DatasetError(f"{parts[0]} has no class folders")
    if train != test:
        name = min(train ^ test)
        has, lacks = parts if name in train else reversed(parts)
        raise DatasetError(
            f"class {name!r} is in {has} but not in {lacks}; both need the same class folders"
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
    _check_classes(folder, classes, samples, f"no images; known are {', '.join(IMG_EXTENSIONS)}")
    return samples


def _check_classes(
    folder: Path, classes: Sequence[str], samples: Sequence[tuple[str, int]], lack: str
) -> None:
    """Raise DatasetError for a class without images."""
    present = {label for _, label in samples}
    for label, name in enumerate(classes):
        if label not in present:
            raise DatasetError(f"{folder / name} holds {lack}")


def _readable(samples: Sequence[tuple[str, int]], skipped: list[str]) -> list[tuple[str, int]]:
    """Return the samples that can be decoded; `skipped` gets the others."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        readable = list(pool.map(_can_be_decoded, (path for path, _ in samples)))
    pairs = list(zip(samples, readable, strict=True))
    skipped += [path for (path, _), whole in pairs if not whole]
    return [sample for sample, whole in pairs if whole]


def _can_be_decoded(path: str) -> bool:
    try:
        _decode(path, channels=3, size=None)
    except DatasetError:
        return False
    return True


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


def _decode(path: str, channels: int, size: int | None, crop: float = 1.0) -> Tensor:
    """Return an image as uint8 [channels, size, size], or in its own size without one."""
    with _opened(path) as image:
        try:
            pixels: Tensor = v2.functional.pil_to_tensor(_converted(image, channels))
            return pixels if size is None else fit_to_square(pixels, size, crop)
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
