"""Labeled images, in memory or decoded on demand, and their division in three."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2

from ctnas.app.counted import counted
from ctnas.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnas.architecture import Int64Array
    from ctnas.training.augmentation import Augmentation

Batch: TypeAlias = tuple[Tensor, Tensor]
"""Images uint8 [B, C, H, W] and labels int64 [B]."""

Progress: TypeAlias = "Callable[[int, int], None]"
"""Called with the number of units done and their total."""

SMALLEST, LARGEST = 8, 64
"""Bounds of the image size, pixels, where the user gives none."""

_CHUNK = 256
_VALIDATION_SHARE = 1 / 3
_MOST_VALIDATION = 5000


class ImageSet(Dataset[Batch], ABC):
    """Labeled images of one size. A data loader fetches a whole batch at once.

    Attributes:
        labels: int64 [N], indices of classes.
        shape: channels, height and width of an image.
    """

    labels: Tensor
    shape: tuple[int, int, int]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Batch:
        """Return one image and its label, as a batch of one."""
        return self.batch([index])

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Return images as one batch; a PyTorch data loader asks for it by this name."""
        return self.batch(indices)

    @property
    def size_in_memory(self) -> int:
        """Bytes of all images once they are decoded."""
        return len(self) * int(np.prod(self.shape))

    @abstractmethod
    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B].

        Raises:
            DatasetError: if an image cannot be read; it is named.
        """

    def augmented(self, indices: Sequence[int], augmentation: Augmentation) -> Batch:
        """Return images as they are learned from, uint8 [B, C, H, W], and labels int64 [B]."""
        images, labels = self.batch(indices)
        return torch.stack([augmentation.transform(image) for image in images]), labels

    @abstractmethod
    def subset(self, indices: Sequence[int]) -> ImageSet:
        """Return some of the images."""

    @abstractmethod
    def digest(self) -> str:
        """Return a SHA-256 of what the images are, wherever they lie."""


class ImagesInMemory(ImageSet):
    """Images that are held decoded.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
    """

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images
        self.labels = labels
        channels, height, width = images.shape[1:]
        self.shape = (channels, height, width)

    def batch(self, indices: Sequence[int]) -> Batch:
        """Return images uint8 [B, C, H, W] and labels int64 [B]."""
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        return self.images[chosen], self.labels[chosen]

    def subset(self, indices: Sequence[int]) -> ImagesInMemory:
        """Return some of the images."""
        return ImagesInMemory(*self.batch(indices))

    def digest(self) -> str:
        """Return a SHA-256 of all images and labels."""
        found = hashlib.sha256(str((*self.shape,)).encode())
        for values in (self.images, self.labels):
            found.update(np.ascontiguousarray(values.numpy()).data)
        return found.hexdigest()


def in_memory(images: ImageSet, progress: Progress | None = None) -> ImagesInMemory:
    """Return a set with all of its images decoded.

    Args:
        images: a set that fits into memory, see `ImageSet.size_in_memory`.
        progress: called with the number of images that are decoded.
    """
    if isinstance(images, ImagesInMemory):
        return images
    decoded = torch.empty((len(images), *images.shape), dtype=torch.uint8)
    for start in range(0, len(images), _CHUNK):
        stop = min(start + _CHUNK, len(images))
        decoded[start:stop] = images.batch(range(start, stop))[0]
        if progress is not None:
            progress(stop, len(images))
    return ImagesInMemory(decoded, images.labels)


@dataclass(frozen=True, slots=True)
class ImageSplits:
    """Images divided in three: to train on, to choose by, and to report on.

    Attributes:
        name: of the data set.
        classes: their names, in the order of the labels.
        train: images that weights and statistics are learned from.
        validation: images that architectures are compared on, drawn from the training part.
        test: images that nothing else has seen.
        skipped: files that could not be read and were left out, as the user wished.
        uncounted: what lies in an image folder and is not an image of a class, in a line.
        statistics: mean and standard deviation of each channel where they are known, in units of
            the pixels (0 to 255).
        crop: share of an image's shorter side that is shown when it is fitted to its size.
        digest: SHA-256 of what the training and test parts are, wherever they lie.
    """

    name: str
    classes: tuple[str, ...]
    train: ImageSet
    validation: ImageSet
    test: ImageSet
    skipped: tuple[str, ...] = ()
    uncounted: str = ""
    statistics: tuple[list[float], list[float]] | None = None
    crop: float = 1.0
    digest: str = ""

    def left_out(self) -> list[str]:
        """Return what was left out, a sentence each: corrupt files, and what is no image."""
        sentences = [f"{self.name}: {self.uncounted}"] if self.uncounted else []
        if self.skipped:
            count = len(self.skipped)
            which = "is left out" if count == 1 else "are left out, the first"
            sentences.append(
                f"{self.name}: {counted(count, 'corrupt image')} {which}: {self.skipped[0]}"
            )
        return sentences

    def channel_statistics(self) -> tuple[list[float], list[float]]:
        """Return the known mean and standard deviation of each channel, or measure them."""
        return self.statistics or channel_statistics(self.train)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        return self.train.shape


def square_size(requested: int | None, height: int, width: int) -> int:
    """Return the height and width of images: as requested, or nearly their own.

    Args:
        requested: pixels, or None.
        height: of the images as they come, pixels.
        width: of the images as they come, pixels.
    """
    return requested or min(max(min(height, width), SMALLEST), LARGEST)


def fit_to_square(images: Tensor, size: int, share: float = 1.0) -> Tensor:
    """Resize images [..., H, W] and crop their middle.

    Args:
        images: any size.
        size: height and width of the result, pixels.
        share: of the shorter side that the result shows.
    """
    if images.shape[-2:] == (size, size) and share == 1:
        return images
    fitted: Tensor = v2.functional.center_crop(
        v2.functional.resize(images, [ceil(size / share)], antialias=True), [size, size]
    )
    return fitted


def split_by_class(
    labels: Int64Array, share: float, generator: np.random.Generator
) -> tuple[Int64Array, Int64Array]:
    """Draw a share of the images of each class, at least one and not all.

    Args:
        labels: int64 [N]; each class that occurs has at least two images.
        share: of the images to draw, above 0 and below 1.
        generator: of the draw; it is advanced.

    Returns:
        Indices of the others and of the drawn ones, ascending.
    """
    drawn = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        drawn[generator.permutation(members)[:count]] = True
    return np.flatnonzero(~drawn), np.flatnonzero(drawn)


def split_images(
    name: str,
    classes: Sequence[str],
    train: ImageSet,
    test: ImageSet,
    seed: int,
    *,
    share: float | None = None,
    limit: int | None = None,
    count: int | None = None,
) -> ImageSplits:
    """Draw validation images from the training part.

    Args:
        name: of the data set.
        classes: their names.
        train: the training part; the test part is left as it is.
        test: the test part.
        seed: of the draw, stratified by class.
        share: of the training part that is drawn; a third of it, at most 5,000, if not given;
            0 draws none.
        limit: number of images of the training part that are used at all, stratified by class.
        count: number of images that are drawn where no share is given, from all classes
            together; at most a third.

    Raises:
        DatasetError: if a class has fewer than two training images, or there is one class only.
    """
    labels = train.labels.numpy()
    counts = np.bincount(labels, minlength=len(classes))
    if len(classes) < 2:
        raise DatasetError(f"{name}: at least two classes are needed, not {len(classes)}")
    if counts.min() < 2:
        raise DatasetError(
            f"{name}: class {classes[int(counts.argmin())]!r} has {counts.min()} training images; "
            "at least two are needed, one of them to validate on"
        )
    generator = np.random.default_rng(seed)
    used = np.arange(len(labels))
    if limit is not None and limit < len(labels):
        used = split_by_class(labels, limit / len(labels), generator)[1]
    kept, drawn = used, used[:0]
    if share is None and count is not None:
        count = min(count, round(_VALIDATION_SHARE * len(used)))
        order = generator.permutation(used)
        kept, drawn = np.sort(order[count:]), np.sort(order[:count])
    elif share is None:
        share = min(_VALIDATION_SHARE, _MOST_VALIDATION / len(used))
    if share:
        kept, drawn = (used[part] for part in split_by_class(labels[used], share, generator))
    return ImageSplits(
        name, tuple(classes), train.subset(kept.tolist()), train.subset(drawn.tolist()), test
    )


def channel_statistics(images: ImageSet) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of each channel, in units of the pixels (0 to 255).

    Large sets are judged by evenly spaced images. A channel without any contrast gets deviation 1.
    """
    step = -(-len(images) // (16 * _CHUNK))
    pixels = images.batch(range(0, len(images), step))[0].to(torch.float64)
    deviation = pixels.std(dim=(0, 2, 3), correction=0)
    deviation = torch.where(deviation > 0, deviation, 1.0)
    return pixels.mean(dim=(0, 2, 3)).tolist(), deviation.tolist()
