"""Operations that have fields: `op=conv,kernel=3,width=24`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from ctnas.spaces.decision import Choice

Operation: TypeAlias = "str | Mapping[str, Choice]"
"""The name of an operation, or its fields."""

_RESERVED = frozenset(",=|\n\r\t")


def operation_name(operation: Operation) -> str:
    """Return what a vocabulary calls an operation: its name, or `field=value,field=value`.

    Raises:
        SpaceError: if a field or its value cannot be written like this.
    """
    if isinstance(operation, str):
        return operation
    if not isinstance(operation, Mapping) or not operation:
        raise SpaceError(f"an operation is a name or a table of fields, not {operation!r}")
    for field, value in operation.items():
        if not isinstance(field, str) or isinstance(value, bool):
            raise SpaceError(f"field {field!r} of an operation cannot be {value!r}")
        if not isinstance(value, str | int | float) or _RESERVED & {*field, *str(value)}:
            raise SpaceError(
                f"field {field!r} of an operation must be a number, or text without ',', '=' "
                f"and '|', not {value!r}"
            )
    return ",".join(f"{field}={value}" for field, value in operation.items())


def operation_fields(name: str) -> dict[str, str | float]:
    """Return the fields of an operation of that name; numbers as numbers, none if it has none.

    Example:
        >>> operation_fields("op=conv,kernel=3,width=24")
        {'op': 'conv', 'kernel': 3.0, 'width': 24.0}
        >>> operation_fields("conv3x3")
        {}
    """
    parts = [part.partition("=") for part in name.split(",")]
    if not all(field and separator and value for field, separator, value in parts):
        return {}
    return {field: _value(text) for field, _, text in parts}


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
