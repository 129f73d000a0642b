"""What a label in a ledger may hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.checked import number
from ctnas.errors import LabelError
from ctnas.labels.blocks import ARCHITECTURE
from ctnas.labels.measurements import MEASUREMENTS, SPREAD

if TYPE_CHECKING:
    from ctnas.labels.label_set import LabelSet

Attribute: TypeAlias = str | int | float | bool | np.generic
"""What may be noted beside a label: text, numbers and truth values, NumPy's among them."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label, and what else was measured with it."""

    value: float
    attributes: dict[str, Attribute]


def repetition_attributes(count: int, spread: float) -> dict[str, Attribute]:
    """Return what is noted beside the mean of several measurements; nothing beside a single one.

    Args:
        count: number of measurements.
        spread: their sample standard deviation; NaN if it is not known.
    """
    if count == 1:
        return {}
    known = {} if isnan(spread) else {SPREAD: float(spread)}
    return {MEASUREMENTS: int(count), **known}


def labels_by_text(labels: LabelSet) -> dict[str, Label]:
    """Return a label set as labels by the text of the architecture, in the user's direction."""
    texts = labels.space.format(labels.architectures)
    parts = zip(labels.measured, labels.counts, labels.spreads, strict=True)
    return {
        text: Label(float(value), repetition_attributes(int(count), float(spread)))
        for text, (value, count, spread) in zip(texts, parts, strict=True)
    }


def checked_value(text: str, value: object) -> float:
    """Return the label of an architecture as a float.

    Raises:
        LabelError: unless it is a finite number.
    """
    return number(f"the label of {text!r}", value, error=LabelError)


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
