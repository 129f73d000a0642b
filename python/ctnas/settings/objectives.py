"""What a search looks for, and the limits that it keeps: any metric, in any direction."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import ConfigurationError
from ctnas.settings.quantity import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctnas.architecture import BoolArray, Float64Array

MOST_OBJECTIVES = 3
LATENCY = "latency"
"""The metric that is measured by running a network, milliseconds."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric to maximize, or to minimize.

    Attributes:
        name: of the metric.
        minimized: whether lower is better.
    """

    name: str
    minimized: bool = False

    @property
    def sign(self) -> int:
        """What turns a value into one that is better the higher it is."""
        return -1 if self.minimized else 1

    def __str__(self) -> str:
        return f"-{self.name}" if self.minimized else self.name


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that a result keeps.

    Attributes:
        name: of the metric.
        bound: the largest, or the smallest value allowed.
        is_largest: which of the two.
    """

    name: str
    bound: float
    is_largest: bool = True

    def allows(self, values: Float64Array) -> BoolArray:
        """Return which of N values keep it; what is not known (NaN) does not."""
        kept: BoolArray = values <= self.bound if self.is_largest else values >= self.bound
        return kept

    def probability(self, mean: Float64Array, deviation: Float64Array) -> Float64Array:
        """Return the probability that normal values [N] keep it."""
        from scipy.special import ndtr

        apart = (self.bound - mean) if self.is_largest else (mean - self.bound)
        certain = np.where(apart >= 0, np.inf, -np.inf)
        spread = deviation > 0
        standardized = np.divide(apart, deviation, out=certain, where=spread)
        result: Float64Array = ndtr(standardized)
        return result

    def check(self, values: Float64Array, where: str) -> None:
        """Raise ConfigurationError if none of N known values keeps it; names the best of them."""
        if not self.allows(values).any():
            best = np.nanmin(values) if self.is_largest else np.nanmax(values)
            raise ConfigurationError(f"nothing in {where} keeps {self}: the best is {best:g}")

    def __str__(self) -> str:
        return f"{self.name} {'<=' if self.is_largest else '>='} {self.bound:g}"


def parse_objectives(text: str) -> tuple[Objective, ...]:
    """Return the objectives that a text names: "accuracy,-latency_ms"; a minus minimizes.

    Raises:
        ConfigurationError: if one is empty or given twice, or there are more than three.
    """
    objectives = tuple(
        Objective(part.removeprefix("-").strip(), part.startswith("-"))
        for part in map(str.strip, text.split(","))
    )
    names = [objective.name for objective in objectives]
    if not all(names):
        raise ConfigurationError(f"objective {text!r} names an empty metric")
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"objective {text!r} names {name!r} twice")
    if len(names) > MOST_OBJECTIVES:
        raise ConfigurationError(
            f"there may be {MOST_OBJECTIVES} objectives at the most, not {len(names)}: {text!r}"
        )
    return objectives


def parse_limits(largest: Iterable[str], smallest: Iterable[str]) -> tuple[Limit, ...]:
    """Return the limits that texts such as "latency_ms=5" or "madds=600M" name.

    Args:
        largest: `COLUMN=VALUE` each, the largest value allowed.
        smallest: the same for the smallest.

    Raises:
        ConfigurationError: if a text is of another form, or a limit is given twice.
    """
    limits = [_limit(text, is_largest=True) for text in largest]
    limits += [_limit(text, is_largest=False) for text in smallest]
    for place, limit in enumerate(limits):
        for other in limits[:place]:
            if (limit.name, limit.is_largest) == (other.name, other.is_largest):
                raise ConfigurationError(f"{limit.name!r} is limited twice: {other} and {limit}")
            if limit.name == other.name:
                _check_open(*sorted((limit, other), key=lambda each: each.is_largest))
    return tuple(limits)


def latency_limit(text: str) -> str:
    """Return the limit, as `parse_limits` reads it, that a time such as 5ms stands for.

    Raises:
        ConfigurationError: if it is no time.
    """
    for unit, milliseconds in (("us", 1e-3), ("ms", 1.0), ("s", 1e3)):
        number = text.strip().removesuffix(unit)
        if number != text.strip() and number.replace(".", "", 1).strip().isdigit():
            return f"{LATENCY}={float(number) * milliseconds!r}"
    raise ConfigurationError(f"a latency is a time such as 5ms, 300us or 0.1s, not {text!r}")


def _check_open(smallest: Limit, largest: Limit) -> None:
    if smallest.bound > largest.bound:
        raise ConfigurationError(f"nothing can keep both {smallest} and {largest}")


def _limit(text: str, *, is_largest: bool) -> Limit:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise ConfigurationError(f"a limit is written COLUMN=VALUE, not {text!r}")
    bound = parse_quantity(value)
    if not isfinite(bound):
        raise ConfigurationError(f"the limit of {name.strip()!r} must be finite, not {value!r}")
    return Limit(name.strip(), bound, is_largest)


def gains_of(values: Float64Array, objectives: Sequence[Objective]) -> Float64Array:
    """Return values [N, K] as numbers that are better the higher they are."""
    signs = np.array([objective.sign for objective in objectives], dtype=np.float64)
    return values * signs
