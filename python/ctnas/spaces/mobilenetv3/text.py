"""Networks of the MobileNetV3-like space as text: `k3e4-k5e6|...`, or the once-for-all dict."""

from __future__ import annotations

import ast
import json
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ctnas.errors import ArchitectureError
from ctnas.spaces.mobilenetv3.costs import DEPTHS, EXPANSIONS, KERNELS, UNIT_LAYERS, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

Layer: TypeAlias = tuple[int, int]
"""Kernel size and expansion ratio."""

_FORM = "k3e4-k5e6|...|... (five units of 2 to 4 layers)"
_SLOTS = UNITS * UNIT_LAYERS
_DICT_FORM = '{"d": [5 depths], "ks": [kernel sizes], "e": [expansion ratios]}'


def parse_units(text: str) -> list[list[Layer]]:
    """Return the layers of each unit.

    Args:
        text: `k3e4-k5e6|...`, or the once-for-all dict as JSON or as Python prints it.

    Raises:
        ArchitectureError: saying what is wrong.
    """
    stripped = text.strip()
    if stripped.startswith("{"):
        return _from_dict(_literal(stripped))
    parts = stripped.split("|")
    if len(parts) != UNITS:
        raise ArchitectureError(f"an architecture is written {_FORM}, not {text!r}")
    return [list(_parse_unit(part)) for part in parts]


def once_for_all_units(
    depths: Sequence[int], kernels: Sequence[int], ratios: Sequence[int]
) -> list[list[Layer]]:
    """Return the layers of each unit from the lists of the once-for-all network.

    Args:
        depths: of the 5 units.
        kernels: one size for each of the 20 slots, or for each active layer, in order.
        ratios: expansion ratios, as many as kernel sizes.

    Raises:
        ArchitectureError: if a value or a length is not allowed.
    """
    if len(depths) != UNITS or any(depth not in DEPTHS for depth in depths):
        raise ArchitectureError(f"d must be {UNITS} depths out of {DEPTHS}, not {list(depths)}")
    active = sum(depths)
    for name, values, allowed in (("ks", kernels, KERNELS), ("e", ratios, EXPANSIONS)):
        if len(values) not in (active, _SLOTS):
            raise ArchitectureError(
                f"{name} must have {active} values (the active layers) or {_SLOTS} (all slots), "
                f"not {len(values)}"
            )
        wrong = [value for value in values if value not in allowed]
        if wrong:
            raise ArchitectureError(f"{name} must be out of {allowed}, not {wrong[0]}")
    by_unit = zip(_by_unit(depths, kernels), _by_unit(depths, ratios), strict=True)
    return [list(zip(*unit, strict=True)) for unit in by_unit]


def _by_unit(depths: Sequence[int], values: Sequence[int]) -> list[Sequence[int]]:
    """Divide the values of all slots, or of the active layers, among the units."""
    units, start = [], 0
    for depth in depths:
        units.append(values[start : start + depth])
        start += UNIT_LAYERS if len(values) == _SLOTS else depth
    return units


@cache
def _parse_unit(text: str) -> tuple[Layer, ...]:
    layers = text.split("-")
    if len(layers) not in DEPTHS:
        raise ArchitectureError(
            f"a unit has 2 to 4 layers kKeE separated by -, not {len(layers)} in {text!r}"
        )
    return tuple(_parse_layer(layer) for layer in layers)


@cache
def _parse_layer(text: str) -> Layer:
    for kernel in KERNELS:
        for ratio in EXPANSIONS:
            if text == f"k{kernel}e{ratio}":
                return kernel, ratio
    raise ArchitectureError(
        f"a layer is written k{{{','.join(map(str, KERNELS))}}}"
        f"e{{{','.join(map(str, EXPANSIONS))}}}, not {text!r}"
    )


def _literal(text: str) -> object:
    """Return the value of JSON or of a Python literal. Nothing in it is ever executed."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        raise ArchitectureError(f"a once-for-all dict is written {_DICT_FORM}") from None


def _from_dict(value: object) -> list[list[Layer]]:
    # The published code adds a width of None: the network of one width has no choice there.
    if not isinstance(value, dict) or {"d", "ks", "e"} != {
        key for key, entry in value.items() if key != "wid" or entry is not None
    }:
        raise ArchitectureError(f"a once-for-all dict is written {_DICT_FORM}, not {value!r}")
    lists = []
    for name in ("d", "ks", "e"):
        numbers = value[name]
        if not isinstance(numbers, list | tuple) or any(type(n) is not int for n in numbers):
            raise ArchitectureError(f"{name} must be a list of whole numbers, not {numbers!r}")
        lists.append(numbers)
    return once_for_all_units(*lists)
