"""JSON files that hold one long list of objects, read piece by piece."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ctnas.errors import LabelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

_READ_CHARACTERS = 1 << 20
_LONGEST_OBJECT = 1 << 22
_BLANKS = " \t\r\n"


def read_json_objects(path: Path) -> Iterator[dict[str, Any]]:
    """Read the objects of a list, in bounded memory.

    Raises:
        OSError: if the file cannot be read.
        LabelError: if it is something else; the message names the object, counted from 1.
    """
    with path.open(encoding="utf-8-sig") as stream:
        text = _Text(stream)
        if text.next_character() != "[":
            raise LabelError(f"{path} is not a JSON list of objects")
        number = 0
        separator = "["
        while separator != "]":
            text.skip()
            if number == 0 and text.next_character() == "]":
                break
            number += 1
            try:
                yield text.take_object()
            except LabelError as error:
                raise LabelError(f"{path}, object {number}: {error}") from None
            separator = text.next_character()
            if separator not in {",", "]"}:
                found = "the end of the file" if not separator else repr(separator)
                raise LabelError(
                    f"{path}: ',' or ']' must follow object {number}, not {found}: "
                    "the file is truncated or corrupt"
                )
        text.skip()
        if text.next_character():
            raise LabelError(f"{path}: something follows the list of {number} objects")


class _Text:
    """A text file of which only a piece is in memory."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._piece = ""
        self._at = 0

    def next_character(self) -> str:
        """Return the next character that is not blank, without taking it; empty at the end."""
        while True:
            while self._at < len(self._piece):
                if self._piece[self._at] not in _BLANKS:
                    return self._piece[self._at]
                self._at += 1
            if not self._read_on():
                return ""

    def skip(self) -> None:
        """Take one character."""
        self._at += 1

    def take_object(self) -> dict[str, Any]:
        """Take the next value, which is an object.

        Raises:
            LabelError: if it is none.
        """
        if self.next_character() != "{":
            raise LabelError("it is missing, or not a JSON object")
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._piece, self._at)
            except RecursionError:
                raise LabelError("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                # It may go on in what has not been read yet.
                longest = len(self._piece) - self._at > _LONGEST_OBJECT
                if longest or not self._read_on():
                    raise LabelError(f"it is truncated or corrupt: {error.msg}") from None
            else:
                return dict(value)

    def _read_on(self) -> bool:
        """Read the next piece; what has been taken is dropped."""
        more = self._stream.read(_READ_CHARACTERS)
        self._piece, self._at = self._piece[self._at :] + more, 0
        return bool(more)
