"""What the sizes of every network must be."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_sizes(layout: DataclassInstance) -> None:
    """Check that all sizes of a network are whole numbers, channels at least 2, others at least 1.

    Raises:
        ConfigurationError: naming the first that is not.
    """
    for field in fields(layout):
        value = getattr(layout, field.name)
        least = 2 if field.name == "channels" else 1
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigurationError(
                f"{field.name} must be a whole number of at least {least}, not {value!r}"
            )
