"""Large numbers as people write them: 600M, 1.5G, 20k."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import Parameter

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9}


def parse_quantity(text: str) -> float:
    """Return a number that may end in K, M or G, large or small.

    Raises:
        ConfigurationError: if it is no such number.
    """
    stripped = text.strip()
    unit = _UNITS.get(stripped[-1:].lower())
    try:
        return float(stripped[:-1]) * unit if unit else float(stripped)
    except ValueError:
        raise ConfigurationError(
            f"a quantity is a number that may end in K, M or G, such as 600M, not {text!r}"
        ) from None


def _convert(_: object, tokens: Sequence[Any]) -> float:
    return parse_quantity(str(tokens[0].value))


Quantity: TypeAlias = Annotated[float, Parameter(converter=_convert)]
"""A number that the command line and TOML files may write with K, M or G."""
