"""Pickles read as plain data: what they name is never imported, let alone run."""

from __future__ import annotations

import pickle
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.errors import InputFileError, LabelError, first_line

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import BinaryIO

_NUMBERS = ("f4", "f8", "i4", "i8")
_BYTE_ORDERS = ("<", ">")
_UNREADABLE = (
    pickle.UnpicklingError,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class PickledRecord:
    """Stands for an object of a foreign class: its attributes, and none of its code."""


def read_plain_pickle(path: Path, records: Collection[str] = ()) -> Any:
    """Read a pickle of numbers, text, containers and NumPy's numbers.

    Args:
        path: the file.
        records: foreign classes, such as `"package.module.Class"`, whose objects are taken as
            `PickledRecord`.

    Raises:
        InputFileError: if the file is missing or unreadable.
        LabelError: if it is no pickle, or names any other class or function.
    """
    try:
        with path.open("rb") as stream:
            return _PlainUnpickler(stream, path, records).load()
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    except LabelError:
        raise
    except _UNREADABLE as error:
        raise LabelError(f"{path} is not a pickle of plain data: {first_line(error)}") from None


class _PlainUnpickler(pickle.Unpickler):
    def __init__(self, stream: BinaryIO, path: Path, records: Collection[str]) -> None:
        super().__init__(stream)
        self._path = path
        self._known: dict[str, Any] = dict.fromkeys(records, PickledRecord)
        self._known["numpy.dtype"] = _NumberType
        self._known["numpy.core.multiarray.scalar"] = _number
        self._known["numpy._core.multiarray.scalar"] = _number

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a class or function; nothing is ever imported."""
        full_name = f"{module}.{name}"
        if full_name not in self._known:
            allowed = "numbers, text, lists, tuples, sets and dictionaries"
            raise LabelError(
                f"{self._path} names {full_name}, which is not read: only {allowed} are"
            )
        return self._known[full_name]


class _NumberType:
    """Stands for a NumPy dtype of numbers."""

    def __init__(self, code: str, *_: object) -> None:
        if code not in _NUMBERS:
            raise ValueError(f"dtype {code!r} is not one of {', '.join(_NUMBERS)}")
        self._code = code
        self._order = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        if order not in _BYTE_ORDERS:
            raise ValueError(f"byte order {order!r} of a dtype is unknown")
        self._order = order

    def number(self, data: bytes) -> float | int:
        """Return the number that these bytes are."""
        (value,) = np.frombuffer(data, dtype=self._order + self._code).tolist()
        return float(value) if self._code.startswith("f") else int(value)


def _number(kind: _NumberType, data: bytes) -> float | int:
    """Stands for the function that makes a NumPy number."""
    return kind.number(data)
