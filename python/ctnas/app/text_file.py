"""Paths and text files as people have them."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from ctnas.errors import InputFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The mark of UTF-32 begins like that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FILE = "file:"
"""Before a path whose name is no text, its bytes as in a URL: a settings file holds text alone."""
_OF_HOME = re.compile(r"(--[\w.-]+=)?(~[^/]*)(/.*)?", re.DOTALL)


def read_text(path: Path) -> str:
    r"""Return the text of a file that an editor wrote, with lines that end in "\n".

    It is UTF-8, or what a byte order mark says: UTF-8, UTF-16 or UTF-32.

    Raises:
        InputFileError: if it cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror}") from None
    try:
        return decoded(content)
    except UnicodeDecodeError as error:
        raise InputFileError(f"{str(path)!r} is not a text file: {error}") from None


def encoding_of(head: bytes) -> str:
    """Return the encoding that a byte order mark at the beginning of a text says, else UTF-8.

    Args:
        head: four bytes at least, if the text has so many.
    """
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def decoded(content: bytes) -> str:
    """Return text by its byte order mark, UTF-8 without one.

    Raises:
        UnicodeDecodeError: if it is no text.
    """
    text = content.decode(encoding_of(content))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def expanded(text: str) -> str:
    """Return a path, or an option with one, where ~ and ~name are home directories."""
    found = _OF_HOME.fullmatch(text)
    if found is None:
        return text
    option, home, rest = (part or "" for part in found.groups())
    try:
        return f"{option}{Path(home).expanduser()}{rest}"
    except RuntimeError:
        # There is no such user: it is a name like any other.
        return text


def unreachable(place: object, error: Exception) -> str:
    """Return what is said of a path at which nothing can be."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot reach {str(place)!r}: {reason}"


def stored_path(path: str) -> str:
    """Return a path as a settings file holds it; `expanded_entries` reads it back."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return _FILE + quote(os.fsencode(path))
    return path


def expanded_entries(content: Any) -> Any:
    """Return the content of a settings file with home directories in place of ~."""
    if isinstance(content, dict):
        return {key: expanded_entries(value) for key, value in content.items()}
    if isinstance(content, list):
        return [expanded_entries(value) for value in content]
    if not isinstance(content, str):
        return content
    if content.startswith(_FILE):
        return os.fsdecode(unquote_to_bytes(content.removeprefix(_FILE)))
    return expanded(content)
