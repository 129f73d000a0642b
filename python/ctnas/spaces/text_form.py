"""How rows of decisions are written, for the core, which reads and writes whole batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas import _core
from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import Int16Array, Int64Array
    from ctnas.spaces.activity import Activity
    from ctnas.spaces.decision import Decision


def compiled_text(
    decisions: Sequence[Decision],
    activity: Activity | None,
    pattern: str,
    **form: bool,
) -> _core.SpaceText:
    """Return what reads and writes the texts of a space.

    Args:
        decisions: T decisions.
        activity: which of them matter where.
        pattern: a text with fields, see `SearchSpace`, or "": `decision=choice,decision=choice`.
        form: another form that the core knows.

    Raises:
        SpaceError: saying what is wrong with the pattern.
    """
    named = [
        (d.name, list(d.texts), [] if d.numbers is None else d.numbers.tolist()) for d in decisions
    ]
    active = activity.as_lists() if activity else []
    try:
        return _core.SpaceText(named, active, pattern, **form)
    except ValueError as error:
        raise SpaceError(str(error)) from None


def read_texts(form: _core.SpaceText, texts: Any) -> tuple[Int16Array, Int64Array] | None:
    """Return the rows of a list or an Arrow array of texts, and the places of unreadable ones.

    Returns:
        int16 [N, T] and int64 [M], or None where not every entry is a text.
    """
    if isinstance(texts, list):
        are_texts = all(isinstance(text, str) for text in texts)
        return form.parse(texts) if are_texts else None
    return _read_arrow(form, texts)


def _read_arrow(form: _core.SpaceText, array: Any) -> tuple[Int16Array, Int64Array] | None:
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not isinstance(array, pa.StringArray | pa.LargeStringArray) or array.null_count:
        return None
    kind = np.int32 if isinstance(array, pa.StringArray) else np.int64
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, kind)[array.offset : array.offset + len(array) + 1]
    return form.parse_bytes(np.frombuffer(data or b"", np.uint8), places.astype(np.int64))
