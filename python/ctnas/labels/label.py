"""What a label in a ledger may hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np

from ctnas.errors import LabelError
from ctnas.labels.blocks import ARCHITECTURE

Attribute: TypeAlias = str | int | float | bool | np.generic
"""What may be noted beside a label: text, numbers and truth values, NumPy's among them."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label, and what else was measured with it."""

    value: float
    attributes: dict[str, Attribute]


def checked_value(text: str, value: object) -> float:
    """Return the label of an architecture as a float.

    Raises:
        LabelError: unless it is a finite number.
    """
    if not isinstance(value, Real) or not isfinite(value):
        raise LabelError(f"the label of {text!r} is {value!r}, not a finite number")
    return float(value)


def checked_attribute(name: str, value: object) -> str | int | float | bool:
    """Return an attribute as something that JSON knows, NumPy's numbers included.

    Raises:
        LabelError: unless it is text, a number or a truth value.
    """
    if name == ARCHITECTURE:
        raise LabelError(f"{ARCHITECTURE!r} is the architecture itself, not an attribute")
    if isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise LabelError(f"attribute {name!r} is {value!r}, which is not text, a number or true/false")
