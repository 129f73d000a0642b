"""Records of a TFRecord file, one by one, with both checksums of each."""

from __future__ import annotations

import os
from struct import Struct
from typing import TYPE_CHECKING

from google_crc32c import value as checksum_of

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
            payload_start = start + _HEADER.size
            if len(header) < _HEADER.size:
                raise _truncated(path, start, payload_start, size)
            length, checksum = _HEADER.unpack(header)
            if masked(checksum_of(header[:_LENGTH_BYTES])) != checksum:
                raise _corrupt(path, start, "length", start, _LENGTH_BYTES)
            end = payload_start + length + _CHECKSUM.size
            # A wrong length must not make us ask for all memory.
            body = stream.read(length + _CHECKSUM.size) if end <= size else b""
            if len(body) < end - payload_start:
                raise _truncated(path, start, end, size)
            payload = body[:length]
            if masked(checksum_of(payload)) != _CHECKSUM.unpack_from(body, length)[0]:
                raise _corrupt(path, start, "payload", payload_start, length)
            yield start, payload
            start = end


def starts_like_tfrecord(head: bytes) -> bool:
    """Return whether a file whose first bytes are `head` begins with the header of a record."""
    if len(head) < _HEADER.size:
        return False
    _, checksum = _HEADER.unpack_from(head)
    return bool(masked(checksum_of(head[:_LENGTH_BYTES])) == checksum)


def masked(checksum: int) -> int:
    """Return a CRC-32C as TFRecord files write it: rotated, plus a constant."""
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _truncated(path: Path, start: int, end: int, size: int) -> LabelError:
    return LabelError(
        f"{path}: the file ends at byte {size}, but the record that begins at byte {start} "
        f"reaches up to byte {end}: the file is truncated"
    )


def _corrupt(path: Path, start: int, part: str, first: int, length: int) -> LabelError:
    checksum = first + length
    where = f"bytes {first} to {checksum - 1}" if length else "no bytes"
    return LabelError(
        f"{path}: in the record that begins at byte {start} the {part} ({where}) and its checksum "
        f"(bytes {checksum} to {checksum + _CHECKSUM.size - 1}) do not match: the file is corrupt"
    )
