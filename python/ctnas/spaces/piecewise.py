"""Many texts at once: texts are made of few different pieces, each of which is parsed once."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from ctnas.architecture import Int16Array

Codes: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.int32]]"


def parse_pieces(
    texts: Sequence[str] | pa.Array,
    separator: str,
    count: int,
    parse_piece: Callable[[str, int], Sequence[int]],
) -> Int16Array | None:
    """Return the rows int16 [N, T] that texts stand for.

    Args:
        texts: N texts, at least one.
        separator: stands between the pieces of a text.
        count: how many pieces a text has.
        parse_piece: takes a piece and its position; returns the choices that it fixes, or raises
            ArchitectureError.

    Returns:
        The rows, or None where some text is not of this form: then each must be parsed by itself,
        which tells what is wrong or finds a rarer form.
    """
    split = _split_by_arrow if _has_pyarrow() else _split_one_by_one
    found = split(texts, separator, count)
    if found is None:
        return None
    codes, distinct = found
    try:
        columns = [
            _choices(codes[:, position], distinct, position, parse_piece)
            for position in range(count)
        ]
    except ArchitectureError:
        return None
    return np.concatenate(columns, axis=1)


def _has_pyarrow() -> bool:
    """Return whether pyarrow is installed: ranking in another program needs NumPy only."""
    return "pyarrow" in sys.modules or find_spec("pyarrow") is not None


def _split_by_arrow(
    texts: Sequence[str] | pa.Array, separator: str, count: int
) -> tuple[Codes, list[str]] | None:
    """Return the pieces of texts as codes int32 [N, count], and the distinct pieces."""
    import pyarrow as pa
    from pyarrow import compute

    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    if array.null_count:
        return None
    pieces = compute.split_pattern(array, separator)
    if not compute.all(compute.equal(compute.list_value_length(pieces), count)).as_py():
        return None
    encoded = pieces.flatten().dictionary_encode()
    return encoded.indices.to_numpy().reshape(-1, count), encoded.dictionary.to_pylist()


def _split_one_by_one(
    texts: Sequence[str], separator: str, count: int
) -> tuple[Codes, list[str]] | None:
    """Do the same without pyarrow."""
    code_of: dict[str, int] = {}
    codes = np.empty((len(texts), count), dtype=np.int32)
    for row, text in enumerate(texts):
        pieces = text.split(separator)
        if len(pieces) != count:
            return None
        codes[row] = [code_of.setdefault(piece, len(code_of)) for piece in pieces]
    return codes, [*code_of]


def _choices(
    codes: Codes,
    distinct: Sequence[str],
    position: int,
    parse_piece: Callable[[str, int], Sequence[int]],
) -> Int16Array:
    """Return the choices that the pieces at one position fix, int16 [N, t]."""
    used = np.flatnonzero(np.bincount(codes, minlength=len(distinct)))
    parsed = np.array(
        [parse_piece(distinct[code], position) for code in used.tolist()], dtype=np.int16
    )
    table = np.zeros((len(distinct), parsed.shape[1]), dtype=np.int16)
    table[used] = parsed
    rows: Int16Array = table[codes]
    return rows
