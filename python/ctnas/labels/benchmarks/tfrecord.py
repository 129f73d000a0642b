"""Records of a TFRecord file, one by one, with both checksums of each."""

from __future__ import annotations

import os
from struct import Struct
from typing import TYPE_CHECKING

from ctnas.errors import LabelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = Struct("<QI")
_LENGTH_BYTES = 8
_CHECKSUM = Struct("<I")
_BUFFER_BYTES = 1 << 20


def read_tfrecord(path: Path) -> Iterator[tuple[int, bytes]]:
    """Read a TFRecord file in bounded memory.

    A record is its length (uint64), a checksum of these eight bytes, the payload and a checksum of
    the payload, all little endian. A checksum is a masked CRC-32C.

    Yields:
        The byte of the file at which a record begins, and the record's payload.

    Raises:
        OSError: if the file cannot be read.
        LabelError: naming the bytes, if the file ends within a record or a checksum is wrong.
    """
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        size = os.fstat(stream.fileno()).st_size
        start = 0
        while header := stream.read(_HEADER.size):
            if len(header) < _HEADER.size:
                raise _truncated(path, start, start + _HEADER.size, size)
            length, checksum = _HEADER.unpack(header)
            if masked_crc32c(header[:_LENGTH_BYTES]) != checksum:
                raise _corrupt(path, start, "length", start, _LENGTH_BYTES)
            end = start + _HEADER.size + length + _CHECKSUM.size
            if end > size:
                raise _truncated(path, start, end, size)
            payload = stream.read(length)
            if masked_crc32c(payload) != _CHECKSUM.unpack(stream.read(_CHECKSUM.size))[0]:
                raise _corrupt(path, start, "payload", start + _HEADER.size, length)
            yield start, payload
            start = end


def starts_like_tfrecord(head: bytes) -> bool:
    """Return whether a file whose first bytes are `head` begins with the header of a record."""
    if len(head) < _HEADER.size:
        return False
    _, checksum = _HEADER.unpack_from(head)
    return bool(masked_crc32c(head[:_LENGTH_BYTES]) == checksum)


def masked_crc32c(data: bytes) -> int:
    """Return the checksum that TFRecord files use: CRC-32C, rotated and shifted by a constant."""
    from ctnas._core import crc32c

    checksum = crc32c(data)
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _truncated(path: Path, start: int, end: int, size: int) -> LabelError:
    return LabelError(
        f"{path}: the file ends at byte {size}, within the record that begins at byte {start} "
        f"and needs {end} bytes: it is truncated"
    )


def _corrupt(path: Path, start: int, part: str, first: int, length: int) -> LabelError:
    where = f"bytes {first} to {first + length - 1}" if length else f"byte {first}"
    return LabelError(
        f"{path}: the {part} ({where}) of the record that begins at byte {start} "
        f"does not match its checksum: the file is corrupt"
    )
