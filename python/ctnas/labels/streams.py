"""Where tables come from: files, standard input, and any store that pyarrow reads by URI."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any, BinaryIO, cast

from ctnas.app.text_file import encoding_of
from ctnas.errors import LabelError

STANDARD_INPUT = "-"
"""Stands for standard input in place of a file name."""

_HEAD_BYTES = 1 << 16


def is_uri(place: str) -> bool:
    """Return whether a place is a URI, such as `s3://bucket/a.parquet`, and no local path."""
    return "://" in place


def table_name(place: str) -> str:
    """Return what messages call a place."""
    return "standard input" if place == STANDARD_INPUT else place


def open_table(place: str) -> BinaryIO:
    """Open a table for reading bytes.

    Args:
        place: a path, a URI, or `-` for standard input.

    Raises:
        OSError: if it cannot be opened.
    """
    if place == STANDARD_INPUT:
        return sys.stdin.buffer
    if is_uri(place):
        from pyarrow import fs

        store, path = fs.FileSystem.from_uri(place)
        return cast("BinaryIO", store.open_input_file(path))
    # Python's own error for a file that cannot be opened is the clearest.
    return Path(place).open("rb")


def table_suffix(place: str, stream: BinaryIO) -> tuple[str, BinaryIO]:
    """Return of which kind a table is, and the stream with nothing taken from it.

    A file says so by its name; standard input is CSV, or JSON lines where it starts with a brace.

    Raises:
        LabelError: if standard input is a Parquet file, which can be read from a file only.
    """
    if place != STANDARD_INPUT:
        return Path(place).suffix.lower(), stream
    stream = as_utf8(stream)
    head = _first_line(stream)
    if head.startswith(b"PAR1"):
        raise LabelError("standard input is a Parquet table: name the file instead")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (".jsonl" if start.startswith(b"{") else ".csv"), preceded(head, stream)


def read_head(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """Return the beginning of a text, its first line at least, and the whole stream again.

    The line is ended where the text ends without an end of line.
    """
    head = _first_line(stream)
    if head and b"\n" not in head and b"\r" not in head:
        head += b"\n"
    return head, preceded(head, stream)


def as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return a text as UTF-8, whose byte order mark may say that it is UTF-16 or UTF-32."""
    head = stream.read(4)
    whole = preceded(head, stream)
    encoding = encoding_of(head)
    if encoding.startswith("utf-8"):
        return whole
    return io.BufferedReader(_Encoded(io.TextIOWrapper(whole, encoding, newline="")), 1 << 20)


def preceded(head: bytes, stream: BinaryIO) -> BinaryIO:
    """Return a stream that gives `head` and then the rest of `stream`."""
    return io.BufferedReader(_Preceded(head, stream), 1 << 20)


def _first_line(stream: BinaryIO) -> bytes:
    """Read until the first line is complete."""
    head = b""
    while b"\n" not in head:
        piece = stream.read(_HEAD_BYTES)
        if not piece:
            break
        head += piece
    return head


class _Preceded(io.RawIOBase):
    """Bytes that were read already, and then the rest of where they came from."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = memoryview(head)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        target = memoryview(buffer).cast("B")
        piece = self._head[: len(target)] or memoryview(self._stream.read(len(target)))
        target[: len(piece)] = piece
        self._head = self._head[len(piece) :] if self._head else self._head
        return len(piece)

    def close(self) -> None:
        if not self.closed and self._stream is not sys.stdin.buffer:
            self._stream.close()
        super().close()


class _Encoded(io.RawIOBase):
    """A text as UTF-8 bytes."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        target = memoryview(buffer).cast("B")
        self._left = self._left or self._text.read(_HEAD_BYTES).encode()
        piece, self._left = self._left[: len(target)], self._left[len(target) :]
        target[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._text.close()
        super().close()
