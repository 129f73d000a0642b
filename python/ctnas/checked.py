"""Numbers and arrays as users bring them, checked and converted before any work begins.

Whatever its type (Python's own, NumPy's, a tensor of one entry, a decimal), a number is what it
says: 3.0 is a count, True and NaN are none. Everything else is one line that names the argument.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from ctnas.app.text_file import expanded, unreachable
from ctnas.errors import (
    ArchitectureError,
    ConfigurationError,
    CtnasError,
    InputFileError,
    InvalidTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Kind = TypeVar("Kind")

MOST_SEED = 2**64 - 1
"""The largest seed."""

_SMALL_SEEDS = 2**32


def number(name: str, value: object, *, error: type[CtnasError] = ConfigurationError) -> float:
    """Return a finite number as a float.

    Args:
        name: of the argument, for the message.
        value: what came.
        error: what is raised.
    """
    scalar = _scalar(value)
    if isinstance(scalar, bool) or not isinstance(scalar, Real):
        raise error(f"{name} must be a number, not {shown_value(value)}")
    try:
        converted = float(scalar)
    except OverflowError:
        converted = np.inf
    if not isfinite(converted):
        raise error(f"{name} must be a finite number, not {shown_value(value)}")
    return converted


def whole(name: str, value: object, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number as an int.

    Args:
        name: of the argument, for the message.
        value: what came; a float counts if it is whole.
        least: what it must be at least.
        most: what it may be at most.

    Raises:
        ConfigurationError: if it is something else.
    """
    scalar = _scalar(value)
    if not isinstance(scalar, bool) and isinstance(scalar, Integral):
        converted = int(scalar)
    else:
        converted = int(number(name, value))
        if converted != scalar:
            raise ConfigurationError(f"{name} must be a whole number, not {shown_value(value)}")
    if least is not None and converted < least:
        raise ConfigurationError(f"{name} must be at least {least}, not {converted}")
    if most is not None and converted > most:
        raise ConfigurationError(f"{name} must be at most {most}, not {converted}")
    return converted


@overload
def seeded(seed: np.random.Generator) -> np.random.Generator: ...
@overload
def seeded(seed: object) -> int | np.random.Generator: ...


def seeded(seed: object) -> int | np.random.Generator:
    """Return a seed, or a generator as it is."""
    return seed if isinstance(seed, np.random.Generator) else seed_of(seed)


def seed_of(value: object) -> int:
    """Return a seed, a whole number in 0..2**64 - 1.

    Raises:
        ConfigurationError: if it is something else.
    """
    return whole("seed", value, 0, MOST_SEED)


def small_seed(seed: int) -> int:
    """Return a seed for libraries that know 32 bits only; small ones stay as they are."""
    if seed < _SMALL_SEEDS:
        return seed
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def vector(name: str, values: object, *, error: type[CtnasError]) -> NDArray[np.float64]:
    """Return numbers of any kind as float64 [N]; NaN and infinities stay.

    Args:
        name: of the argument, for the message.
        values: a list, an array of any type, a masked array, a column of a table or a tensor.
        error: what is raised.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        row = int(np.flatnonzero(np.ma.getmaskarray(values).reshape(-1))[0])
        raise error(f"row {row}: {name} are masked there")
    array = _array(name, values, error)
    if array.ndim != 1:
        raise error(f"{name} must be float64 [N], not of shape {list(array.shape)}")
    if array.dtype.kind in "fiu":
        return array.astype(np.float64)
    if array.dtype.kind == "b" or array.dtype.kind not in "OUS":
        raise error(f"{name} must be numbers, not {array.dtype}")
    return np.array([_entry(name, row, entry, error) for row, entry in enumerate(array)])


def integers(
    name: str, values: object, kind: type[np.integer[Any]], axes: str, *, error: type[CtnasError]
) -> Any:
    """Return whole numbers of any kind as an array of one type.

    Args:
        name: of the argument, for the message.
        values: a list, an array of any type or a tensor.
        kind: the type.
        axes: the shape that is needed, such as `"N, T"`.
        error: what is raised.
    """
    array = _array(name, values, error)
    came = f"{array.dtype} of rank {array.ndim}"
    if (array.dtype.kind not in "biuf" and array.size) or array.ndim != axes.count(",") + 1:
        raise error(f"{name} must be {np.dtype(kind)} [{axes}], not {came}")
    with np.errstate(invalid="ignore"):
        converted = array.astype(kind)
    wrong = converted != array
    if wrong.any():
        raise error(f"{name} must be {np.dtype(kind)} [{axes}], which has no {array[wrong][0]}")
    return converted


def _array(name: str, values: object, error: type[CtnasError]) -> np.ndarray[Any, Any]:
    """Return what holds numbers as an array."""
    plain = _without_gradient(values)
    if isinstance(values, str | bytes | dict | set) or not hasattr(values, "__len__"):
        raise error(f"{name} must be a list or array of numbers, not {shown_value(values)}")
    try:
        return np.asarray(plain)
    except ValueError:
        raise error(f"{name} must be a list or array of numbers, not of lists") from None


def check_type(name: str, value: object, kind: type, what: str | None = None) -> None:
    """Refuse a value of another type than is needed.

    Args:
        name: of the argument, for the message.
        value: what came.
        kind: the type.
        what: how to get such a value, for the message.

    Raises:
        InvalidTypeError: if it is of another type.
    """
    if isinstance(value, kind):
        return
    hint = f" ({what})" if what else ""
    article = "an" if kind.__name__[0] in "AEIO" else "a"
    raise InvalidTypeError(
        f"{name} must be {article} {kind.__name__}{hint}, not {shown_value(value)}"
    )


def checked_list(name: str, values: object, kind: type[Kind]) -> list[Kind]:
    """Return values of one type as a list.

    Raises:
        InvalidTypeError: if they are something else.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InvalidTypeError(f"{name} must be a list, not {shown_value(values)}")
    entries = list(values)
    for entry in entries:
        check_type(f"every entry of {name}", entry, kind)
    return entries


def check_callable(name: str, value: object) -> None:
    """Refuse what cannot be called, but for None.

    Raises:
        InvalidTypeError: if it is something else.
    """
    if value is not None and not callable(value):
        raise InvalidTypeError(f"{name} must be a function, not {shown_value(value)}")


def known_name(kind: str, value: object, known: Iterable[str], error: type[CtnasError]) -> str:
    """Return a name that must be one of those that are known.

    Args:
        kind: of thing, for the message.
        value: what came.
        known: all names.
        error: what is raised where it is none of them.
    """
    names = list(known)
    if isinstance(value, str) and value in names:
        return value
    raise error(f"unknown {kind} {shown_value(value)}; known are {', '.join(names)}")


def checked_path(name: str, value: object) -> Path | str:
    """Return the place of a file, with home directories in place of ~ and ~name.

    Args:
        name: of the argument, for the message.
        value: a text, or anything that stands for a path.

    Raises:
        InvalidTypeError: if it is something else.
        InputFileError: if nothing can be there, such as under a name that is too long.
    """
    if not isinstance(value, str | os.PathLike):
        raise InvalidTypeError(f"{name} must be a path, not {shown_value(value)}")
    place = expanded(os.fsdecode(value))
    try:
        if "://" not in place:
            Path(place).stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:
        raise InputFileError(unreachable(place, error)) from None
    return Path(place) if isinstance(value, Path) else place


def checked_texts(texts: object) -> Any:
    """Return what holds texts, as it is; one mapping stands for one architecture.

    Raises:
        InvalidTypeError: if it is something else, such as one text.
    """
    if isinstance(texts, Mapping):
        return [texts]
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise InvalidTypeError(
            f"texts must be a list of texts, one an architecture, not {shown_value(texts)}"
        )
    return texts


def text_of(entry: object, written: Callable[[Mapping[str, object]], str]) -> str:
    """Return the text of an architecture.

    Args:
        entry: a text, or a mapping.
        written: writes a mapping as a text.

    Raises:
        ArchitectureError: if it is neither.
    """
    if isinstance(entry, str):
        return entry
    if isinstance(entry, Mapping):
        return written(entry)
    raise ArchitectureError(f"an architecture must be a text, not {shown_value(entry)}")


def json_text(mapping: Mapping[str, object]) -> str:
    """Return a mapping as JSON; NumPy's numbers, arrays and tensors are plain there.

    Raises:
        ArchitectureError: if it holds something else.
    """
    return json.dumps(dict(mapping), default=_plain)


def _plain(value: object) -> object:
    """Return NumPy's numbers, arrays and tensors as what JSON knows."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise ArchitectureError(f"{shown_value(value)} has no meaning in an architecture")


def one_of(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return a word that must be one of a few.

    Raises:
        ConfigurationError: if it is another.
    """
    if isinstance(value, str) and value in allowed:
        return value
    raise ConfigurationError(f"{name} must be {' or '.join(allowed)}, not {shown_value(value)}")


def _entry(name: str, row: int, entry: object, error: type[CtnasError]) -> float:
    scalar = _scalar(entry)
    if isinstance(scalar, bool) or not isinstance(scalar, Real):
        raise error(f"row {row}: {name} must be numbers, not {shown_value(entry)}")
    return float(scalar)


def _scalar(value: object) -> object:
    """Return the Python number of a NumPy scalar, an array or a tensor without axes."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def _without_gradient(values: object) -> object:
    """Return a tensor as an array; anything else as it is."""
    if not hasattr(values, "detach"):
        return values
    return values.detach().cpu().double().numpy()


def shown_value(value: object) -> str:
    """Return a value with its type where that says more, in one short line."""
    if isinstance(value, np.generic):
        value = value.item()
    text = " ".join(repr(value).split())
    text = text if len(text) <= 80 else f"{text[:80]}..."
    plain = value is None or isinstance(value, str | int | float)
    return text if plain else f"{text} of type {type(value).__name__}"
