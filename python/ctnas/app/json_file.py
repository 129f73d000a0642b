"""Small text and JSON files that are written whole or not at all."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from ctnas.app.atomic import replacing
from ctnas.errors import InputFileError

if TYPE_CHECKING:
    from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically; what is not finite becomes null."""
    write_text(path, json.dumps(_finite(content), indent=2, allow_nan=False) + "\n")


def read_note(path: Path, *keys: str) -> tuple[Any, ...]:
    """Read what was noted in a JSON file, by name.

    Raises:
        InputFileError: if the file is damaged, or has no such note.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(content[key] for key in keys)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputFileError(
            f"{path} is damaged ({error!r}): the run cannot go on from it"
        ) from None


def _finite(value: object) -> object:
    """Return JSON content with None for every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not isfinite(value) else value
