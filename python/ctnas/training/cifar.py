"""The Python batches of CIFAR-10, read without trusting them."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas.errors import DatasetError, InputFileError
from ctnas.training.image_set import ImagesInMemory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SHAPE = (3, 32, 32)
_TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
_TEST = ("test_batch",)
_META = "batches.meta"

# What arrays and byte strings are rebuilt by.
_ADMITTED = frozenset(
    {
        ("_codecs", "encode"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"),
    }
)


class _ArraysOnly(pickle.Unpickler):
    """Admits arrays, dictionaries, lists, strings and numbers; a batch is not a program."""

    def find_class(self, module: str, name: str) -> Any:
        """Return an admitted class or function."""
        # NumPy's module before version 2.
        module = module.replace("numpy.core.", "numpy._core.")
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def is_cifar_folder(folder: Path) -> bool:
    """Return whether a folder holds the Python batches of CIFAR-10."""
    return (folder / _TRAIN[0]).is_file()


def read_cifar10(folder: Path) -> tuple[tuple[str, ...], ImagesInMemory, ImagesInMemory]:
    """Return the classes, the training and the test images.

    Args:
        folder: holds data_batch_1 to data_batch_5, test_batch and batches.meta.

    Raises:
        InputFileError: if a file is missing.
        DatasetError: if a file is corrupt or holds something else.
    """
    path = folder / _META
    names = _field(_unpickle(path), "label_names", path)
    classes = tuple(name.decode() if isinstance(name, bytes) else str(name) for name in names)
    return classes, _read(folder, _TRAIN, len(classes)), _read(folder, _TEST, len(classes))


def _read(folder: Path, names: Sequence[str], classes: int) -> ImagesInMemory:
    """Return the images of some batches."""
    images, labels = [], []
    for path in (folder / name for name in names):
        content = _unpickle(path)
        data = np.asarray(_field(content, "data", path))
        targets = np.asarray(_field(content, "labels", path))
        if data.dtype != np.uint8 or data.shape != (len(targets), int(np.prod(_SHAPE))):
            raise DatasetError(
                f"{path}: data must be uint8 [{len(targets)}, {np.prod(_SHAPE)}] beside "
                f"{len(targets)} labels, not {data.dtype} {list(data.shape)}"
            )
        if targets.dtype.kind not in "iu" or not ((targets >= 0) & (targets < classes)).all():
            raise DatasetError(f"{path}: labels must be whole numbers in 0..{classes - 1}")
        images.append(data.reshape(-1, *_SHAPE))
        labels.append(targets.astype(np.int64))
    return ImagesInMemory(
        torch.from_numpy(np.concatenate(images)), torch.from_numpy(np.concatenate(labels))
    )


def _field(content: dict[Any, Any], name: str, path: Path) -> Any:
    """Return an entry of a batch; its keys are bytes where Python 2 wrote it."""
    for key in (name.encode(), name):
        if key in content:
            return content[key]
    raise DatasetError(f"{path} has no entry {name!r}; it is not a batch of CIFAR-10")


def _unpickle(path: Path) -> dict[Any, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputFileError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        content = _ArraysOnly(io.BytesIO(data), encoding="bytes").load()
    except Exception as error:
        # A corrupt pickle can raise anything.
        raise DatasetError(f"{path} is not a batch of CIFAR-10: {error}") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path} is not a batch of CIFAR-10: it holds no dictionary")
    return content
