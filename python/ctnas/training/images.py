"""Find images by the name of a data set or by a path, and divide them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.errors import ConfigurationError, DatasetError, InputFileError
from ctnas.training.cifar import is_cifar_folder, read_cifar10
from ctnas.training.idx import is_idx_folder, read_idx_folder
from ctnas.training.image_folder import read_image_folder
from ctnas.training.image_set import (
    SMALLEST,
    ImageSet,
    ImagesInMemory,
    ImageSplits,
    fit_to_square,
    in_memory,
    split_by_class,
    split_images,
    square_size,
)

if TYPE_CHECKING:
    from ctnas.training.image_set import Progress

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
_IN_MEMORY = 2**28
_IMAGENET = "imagenet"
_IMAGENET_SIZE = 224
_IMAGENET_VALIDATION = 10_000
# Its usual evaluation: the middle 224 of 256 pixels.
_IMAGENET_CROP = 0.875
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
_DIGITS_TEST_SHARE = 0.249
_FOLDERS = {
    "cifar10": ("cifar10", "cifar-10-batches-py"),
    "fashion-mnist": ("fashion-mnist",),
    "imagenet": ("imagenet",),
}
_INSTALLED = Path("/usr/share/datasets")


def load_images(
    dataset: str,
    *,
    folder: str | Path | None = None,
    image_size: int | None = None,
    seed: int = 0,
    validation_share: float | None = None,
    limit: int | None = None,
    skip_corrupt: bool = False,
    progress: Progress | None = None,
) -> ImageSplits:
    """Return the images of a data set: training, validation and test.

    Validation images are drawn from the training part by `seed`; the test part is the same for
    every seed. Small sets are decoded once and held in memory.

    The data set `imagenet` has images of 224 pixels, of which evaluation shows the middle 87.5%,
    and 10,000 validation images, drawn from all classes together; its training images are always
    decoded on demand, for augmentation by random crops, and normalized by the usual constants.

    Args:
        dataset: `digits` (comes with scikit-learn), `fashion-mnist` (IDX files, as Debian's
            package dataset-fashion-mnist installs them), `cifar10` (Python batches or an image
            folder), `imagenet` (an image folder), or a path: an image folder
            (`train/<class>/*`, `test/<class>/*` or `val/<class>/*`), a folder of IDX files or of
            CIFAR-10 batches.
        folder: where a data set given by name stands, or a folder that holds it; where one given
            by a path stands now; without it the
            environment variable CTNAS_DATA, the current folder and its `data` are searched.
        image_size: height and width that images are fitted to, pixels, at least 8. Without it
            they keep their own, between 8 and 64.
        seed: of the division.
        validation_share: share of the training part that is drawn to validate on; a third of it,
            at most 5,000 images, if not given; 0 draws none.
        limit: number of images of the training part that are used; all if not given.
        skip_corrupt: leave out files of an image folder that cannot be read, and list them in the
            result, where they are an error otherwise.
        progress: called with the number of images that are decoded.

    Raises:
        InputFileError: if there is no such data set or a file of it is missing.
        DatasetError: if its images or their folders cannot be used.
        ConfigurationError: if a number is out of range.
    """
    _check(image_size, validation_share, limit)
    skipped: list[str] = []
    uncounted: list[str] = []
    large = dataset == _IMAGENET
    if large and image_size is None:
        image_size = _IMAGENET_SIZE
    classes, train, test = _found(
        dataset, folder, image_size, skipped if skip_corrupt else None, uncounted
    )
    digest = hashlib.sha256(f"{train.digest()} {test.digest()}".encode()).hexdigest()
    splits = split_images(
        dataset,
        classes,
        train,
        test,
        seed,
        share=validation_share,
        limit=limit,
        count=_IMAGENET_VALIDATION if large else None,
    )
    # Images that are left out are not decoded.
    train = splits.train if large else _prepared(splits.train, image_size, progress)
    validation, test = (
        _prepared(part, image_size, progress) for part in (splits.validation, splits.test)
    )
    statistics = _imagenet_statistics() if large and splits.shape[0] == 3 else None
    return replace(
        splits,
        train=train,
        validation=validation,
        test=test,
        skipped=tuple(skipped),
        uncounted="; ".join(uncounted),
        statistics=statistics,
        crop=_IMAGENET_CROP if large else 1.0,
        digest=digest,
    )


def _imagenet_statistics() -> tuple[list[float], list[float]]:
    """Return mean and deviation of ImageNet's channels, in units of the pixels."""
    mean, deviation = (
        [255 * value for value in values] for values in (_IMAGENET_MEAN, _IMAGENET_DEVIATION)
    )
    return mean, deviation


def _check(image_size: int | None, validation_share: float | None, limit: int | None) -> None:
    if image_size is not None and image_size < SMALLEST:
        raise ConfigurationError(f"image_size must be at least {SMALLEST}, not {image_size}")
    if validation_share is not None and not 0 <= validation_share < 1:
        raise ConfigurationError(
            f"validation_share must be at least 0 and below 1, not {validation_share}"
        )
    if limit is not None and limit < 1:
        raise ConfigurationError(f"limit must be at least 1, not {limit}")


def _found(
    dataset: str,
    folder: str | Path | None,
    image_size: int | None,
    skipped: list[str] | None,
    uncounted: list[str],
) -> tuple[tuple[str, ...], ImageSet, ImageSet]:
    """Return classes, training and test images of a data set, wherever it stands."""
    if dataset == "digits":
        return _digits()
    path = _locate(dataset, folder)
    try:
        return _read(path, dataset, image_size, skipped, uncounted)
    except PermissionError as error:
        raise InputFileError(f"cannot read {error.filename}: {error.strerror}") from error


def _digits() -> tuple[tuple[str, ...], ImageSet, ImageSet]:
    """Return scikit-learn's 1,797 digits of 8x8 pixels; a quarter of them is the test part."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    # 17 levels of grey, 0 to 16.
    images = np.rint(pixels.reshape(-1, 1, 8, 8) * (255 / 16)).astype(np.uint8)
    whole = ImagesInMemory(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))
    train, test = split_by_class(labels, _DIGITS_TEST_SHARE, np.random.default_rng(0))
    classes = tuple(str(digit) for digit in range(10))
    return classes, whole.subset(train.tolist()), whole.subset(test.tolist())


def is_known_by_name(dataset: str) -> bool:
    """Return whether a data set is given by its name, and not by the path of a folder."""
    return dataset == "digits" or dataset in _FOLDERS


def _locate(dataset: str, folder: str | Path | None) -> Path:
    """Return the folder of a data set."""
    if dataset not in _FOLDERS:
        path = Path(dataset).expanduser() if folder is None else Path(folder).expanduser()
        if not path.is_dir():
            what = "is a file, not a folder" if path.is_file() else "does not exist"
            raise InputFileError(
                f"data set {str(path)!r} {what}; known by name are digits, "
                f"{', '.join(sorted(_FOLDERS))}"
            )
        return path
    places = _places(dataset, folder)
    for place in places:
        if place.is_dir() and _is_known(place):
            return place
    searched = ", ".join(str(place) for place in places)
    raise InputFileError(
        f"data set {dataset!r} is in none of {searched}; give the path of its folder"
    )


def _places(dataset: str, folder: str | Path | None) -> list[Path]:
    """Return where a data set that is given by name may stand."""
    names = _FOLDERS[dataset]
    if folder is not None:
        root = Path(folder).expanduser()
        return [root, *(root / name for name in names)]
    roots = [Path(), Path("data"), _INSTALLED]
    if "CTNAS_DATA" in os.environ:
        roots.insert(0, Path(os.environ["CTNAS_DATA"]))
    return [root / name for root in roots for name in names]


def _is_known(folder: Path) -> bool:
    return (folder / "train").is_dir() or is_cifar_folder(folder) or is_idx_folder(folder)


def _read(
    path: Path,
    dataset: str,
    image_size: int | None,
    skipped: list[str] | None,
    uncounted: list[str],
) -> tuple[tuple[str, ...], ImageSet, ImageSet]:
    """Return classes, training and test images of a folder, by what is in it."""
    if is_cifar_folder(path):
        return read_cifar10(path)
    if is_idx_folder(path):
        train, test = read_idx_folder(path)
        return _idx_classes(path, dataset, train, test), train, test
    crop = _IMAGENET_CROP if dataset == _IMAGENET else 1.0
    return read_image_folder(path, image_size, skipped, crop, uncounted)


def _idx_classes(
    path: Path, dataset: str, train: ImagesInMemory, test: ImagesInMemory
) -> tuple[str, ...]:
    """Return the names of the classes; IDX files hold numbers only."""
    count = int(train.labels.max()) + 1
    if dataset == "fashion-mnist":
        count = len(FASHION_MNIST_CLASSES)
    for part, images in (("train", train), ("test", test)):
        if int(images.labels.max()) >= count:
            raise DatasetError(
                f"{path}: label {int(images.labels.max())} of the {part} part is not one of the "
                f"{count} classes"
            )
    if dataset == "fashion-mnist":
        return FASHION_MNIST_CLASSES
    return tuple(str(label) for label in range(count))


def _prepared(images: ImageSet, image_size: int | None, progress: Progress | None) -> ImageSet:
    """Return images of one square size, in memory where they are few or small."""
    if images.size_in_memory > _IN_MEMORY and not isinstance(images, ImagesInMemory):
        return images
    held = in_memory(images, progress)
    size = square_size(image_size, *held.shape[1:])
    return ImagesInMemory(fit_to_square(held.images, size), held.labels)
