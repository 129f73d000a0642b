"""Image folders: `train/<class>/*` and `test/<class>/*`, or `val/<class>/*` as in ImageNet."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.errors import DatasetError, InputFileError
from ctnas.training.image_file import ValueRanges, decode, read_header
from ctnas.training.image_listing import EXTENSIONS, Uncounted, class_folders, list_images
from ctnas.training.image_set import Batch, ImageSet, square_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ctnas.training.augmentation import Augmentation

_TEST = ("test", "val")
_MOST_SIZES = 20_000
"""Of how many files the sizes count in a digest; of more, evenly spaced ones do."""
_MOST_BYTES = 2**26
"""Up to how many bytes of files their contents count in a digest, beside names and sizes."""


class ImageFiles(ImageSet):
    """Images that are decoded when they are asked for, and fitted to one size.

    Args:
        files: one path an image.
        labels: int64 [N].
        shape: channels (1 grey, 3 color), height and width that every image is given.
        crop: share of an image's shorter side that is shown.
        ranges: black and white of images whose type of pixels does not say it.
    """

    def __init__(
        self,
        files: Sequence[str],
        labels: Tensor,
        shape: tuple[int, int, int],
        crop: float = 1.0,
        ranges: ValueRanges = ValueRanges(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self.files = files
        self.labels = labels
        self.shape = shape
        self.crop = crop
        self.ranges = ranges

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """
        images = self._decoded(indices, self.shape[1])
        return torch.stack(images), self.labels[torch.as_tensor(indices, dtype=torch.int64)]

    def augmented(self, indices: Sequence[int], augmentation: Augmentation) -> Batch:
        """Return images as they are learned from, uint8 [B, C, H, W], and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """
        if not augmentation.whole:
            return super().augmented(indices, augmentation)
        images = self._decoded(indices, None)
        # One after another: threads would share the random numbers in any order.
        changed = torch.stack([augmentation.transform(image) for image in images])
        return changed, self.labels[torch.as_tensor(indices, dtype=torch.int64)]

    def subset(self, indices: Sequence[int]) -> ImageFiles:
        """Return some of the images."""
        files = [self.files[index] for index in indices]
        labels = self.labels[torch.as_tensor(indices, dtype=torch.int64)]
        return ImageFiles(files, labels, self.shape, self.crop, self.ranges)

    def digest(self) -> str:
        """Return a SHA-256 of names below the common folder, labels and sizes of files.

        Of a small set the contents count too; of a very large one, some of the sizes.

        Raises:
            DatasetError: if a file cannot be read.
        """
        # What the first and the last name in order begin with, all others begin with too.
        common = len(os.path.commonpath([min(self.files), max(self.files)]))
        found = hashlib.sha256(b"\0".join(os.fsencode(file[common:]) for file in self.files))
        found.update(np.ascontiguousarray(self.labels.numpy()).data)
        files = self.files[:: -(-len(self.files) // _MOST_SIZES)]
        try:
            sizes = [Path(file).stat().st_size for file in files]
            found.update(str(sizes).encode())
            if len(files) == len(self.files) and sum(sizes) <= _MOST_BYTES:
                for file in files:
                    found.update(hashlib.sha256(Path(file).read_bytes()).digest())
        except OSError as error:
            raise DatasetError(f"cannot read {error.filename!r}: {error.strerror}") from None
        return found.hexdigest()

    def _decoded(self, indices: Sequence[int], size: int | None) -> list[Tensor]:
        one = partial(decode, ranges=self.ranges, channels=self.shape[0], size=size, crop=self.crop)
        with ThreadPoolExecutor(cpu_count()) as pool:
            return list(pool.map(one, (self.files[index] for index in indices)))


def read_image_folder(
    folder: Path,
    image_size: int | None,
    skipped: list[str] | None = None,
    crop: float = 1.0,
    uncounted: list[str] | None = None,
) -> tuple[tuple[str, ...], ImageFiles, ImageFiles]:
    """Return the classes, the training and the test images of a folder.

    Images are grey where all files are. Without `image_size` they keep their own size where all
    share it, or get the median one, between 8 and 64 pixels either way. Pixels of more than 8 bits
    are scaled by the range of their type; where the type leaves that open, see `ValueRanges`.

    Args:
        folder: holds `train/<class>/*` and `test/<class>/*`, or `val/<class>/*`.
        image_size: height and width that images are fitted to, pixels.
        skipped: gets the files that cannot be read, which are left out then; every image is
            decoded once to find them. Without it such a file is an error when it is met.
        crop: share of an image's shorter side that is shown.
        uncounted: gets a line about what lies there and is not an image of a class, if there is
            anything.

    Raises:
        InputFileError: if there is no train or test folder.
        DatasetError: if classes are missing, empty or differ between the two, or an image cannot
            be read.
    """
    parts = _parts(folder)
    found = Uncounted()
    classes = _classes(parts, found)
    samples = [_samples(part, classes, found) for part in parts]
    if uncounted is not None and str(found):
        uncounted.append(str(found))
    if skipped is not None:
        samples = [_readable(part, skipped) for part in samples]
        for part, chosen in zip(parts, samples, strict=True):
            _check_classes(part, classes, chosen, "no readable images")
    shape, ranges = _survey([path for part in samples for path, _ in part], image_size)
    train, test = (
        ImageFiles(
            [path for path, _ in part],
            torch.tensor([label for _, label in part]),
            shape,
            crop,
            ranges,
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


def _classes(parts: tuple[Path, Path], uncounted: Uncounted) -> tuple[str, ...]:
    """Return the names of the class folders, which train and test must share."""
    train, test = (class_folders(part, uncounted) for part in parts)
    if not train:
        raise DatasetError(f"{parts[0]} has no class folders")
    if train != test:
        name = min(train ^ test)
        has, lacks = parts if name in train else reversed(parts)
        raise DatasetError(
            f"class {name!r} is in {has} but not in {lacks}; both need the same class folders"
        )
    return tuple(sorted(train))


def _samples(folder: Path, classes: Sequence[str], uncounted: Uncounted) -> list[tuple[str, int]]:
    """Return the (path, label) pairs of a part, sorted by class and path."""
    samples = list_images(folder, classes, uncounted)
    _check_classes(folder, classes, samples, f"no images; known are {', '.join(EXTENSIONS)}")
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
        read_header(path)
        decode(path, ValueRanges(), channels=3, size=None)
    except DatasetError:
        return False
    return True


def _survey(
    paths: Sequence[str], image_size: int | None
) -> tuple[tuple[int, int, int], ValueRanges]:
    """Return the shape and the ranges of values that suit all images, from their headers."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        headers = list(pool.map(read_header, paths))
    sizes = np.array([(header.height, header.width) for header in headers])
    height, width = np.median(sizes, axis=0).astype(int).tolist()
    size = square_size(image_size, height, width)
    ranges = ValueRanges.of([each.extremes for each in headers if each.extremes is not None])
    return (1 if all(header.grey for header in headers) else 3, size, size), ranges
