"""IDX files, the format of MNIST and its descendants."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.errors import DatasetError, InputFileError
from ctnas.training.image_set import ImagesInMemory

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import UInt8Array

_UNSIGNED_BYTE = 0x08
_GZIP = b"\x1f\x8b"


def is_idx_folder(folder: Path) -> bool:
    """Return whether a folder holds IDX images."""
    return any(folder.glob("*idx3-ubyte*"))


def read_idx_folder(folder: Path) -> tuple[ImagesInMemory, ImagesInMemory]:
    """Return the training and the test images of `train-*` and `t10k-*`, compressed or not.

    Raises:
        InputFileError: if one of the four files is missing.
        DatasetError: if one is truncated, of another format, or does not fit its neighbor.
    """
    return _read_part(folder, "train"), _read_part(folder, "t10k")


def _read_part(folder: Path, part: str) -> ImagesInMemory:
    path, labels_path = _find(folder, f"{part}-images", 3), _find(folder, f"{part}-labels", 1)
    images, labels = read_idx(path, 3), read_idx(labels_path, 1)
    if len(images) != len(labels):
        raise DatasetError(f"{path} has {len(images)} images, {labels_path} {len(labels)} labels")
    if not images.size:
        raise DatasetError(f"{path} holds no images")
    return ImagesInMemory(
        torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels.astype(np.int64))
    )


def _find(folder: Path, stem: str, rank: int) -> Path:
    for separator in "-.":
        for suffix in ("", ".gz"):
            path = folder / f"{stem}{separator}idx{rank}-ubyte{suffix}"
            if path.is_file():
                return path
    raise InputFileError(f"{folder} has no {stem}-idx{rank}-ubyte, with or without .gz")


def read_idx(path: Path, rank: int) -> UInt8Array:
    """Return the unsigned bytes of an IDX file, an array of `rank` dimensions.

    The file starts with two zero bytes, the code of the type and the rank; then each dimension
    as a big-endian 32-bit number, then the values. Compression by gzip is recognized.

    Raises:
        DatasetError: if the file is something else, truncated or too long.
    """
    data = _contents(path)
    header = 4 + 4 * rank
    if len(data) < header or data[:4] != bytes([0, 0, _UNSIGNED_BYTE, rank]):
        raise DatasetError(f"{path} is not an IDX file of unsigned bytes in {rank} dimensions")
    shape = np.frombuffer(data, dtype=">u4", count=rank, offset=4).astype(np.int64)
    if len(data) - header != shape.prod():
        raise DatasetError(
            f"{path} has {len(data) - header:,} values where its header says {shape.prod():,}; "
            "it is truncated or corrupt"
        )
    values = np.frombuffer(data, dtype=np.uint8, offset=header).reshape(shape.tolist())
    return values.copy()


def _contents(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == _GZIP else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(f"{path} is truncated or corrupt: {error}") from error
    except OSError as error:
        raise InputFileError(f"cannot read {path}: {error.strerror or error}") from error
