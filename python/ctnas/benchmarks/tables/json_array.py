"""JSON files that hold one long list of objects, read piece by piece."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

import ijson

from ctnas.errors import LabelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OPENING, _CLOSING = {"start_map", "start_array"}, {"end_map", "end_array"}


def read_json_objects(path: Path) -> Iterator[dict[str, Any]]:
    """Read the objects of a list, in bounded memory.

    Raises:
        OSError: if the file cannot be read.
        LabelError: if it is something else; the message names the object, counted from 1.
    """
    with path.open("rb") as stream:
        if stream.read(len(BOM_UTF8)) != BOM_UTF8:
            stream.seek(0)
        # Without the path to each value, which would grow with the square of its depth.
        events = ijson.basic_parse(stream, use_float=True)
        number = 1
        try:
            if next(events)[0] != "start_array":
                raise LabelError(f"{path} is not a JSON list of objects")
            for event in events:
                if event[0] == "end_array":
                    continue
                if event[0] != "start_map":
                    raise LabelError(f"{path}, object {number}: it is not a JSON object")
                yield _object(event, events)
                number += 1
        except ijson.JSONError as error:
            reason = str(error).splitlines()[0]
            raise LabelError(
                f"{path}, object {number}: the file is truncated or corrupt: {reason}"
            ) from None


def _object(first: tuple[str, Any], events: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """Build the object that begins with an event."""
    builder = ijson.ObjectBuilder()
    builder.event(*first)
    depth = 1
    while depth:
        event, value = next(events)
        builder.event(event, value)
        depth += (event in _OPENING) - (event in _CLOSING)
    return dict(builder.value)
