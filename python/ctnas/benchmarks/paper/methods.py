"""The methods that are compared: strategies with their options, and their row in the paper."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ctnas.comparator.presets import FitConfig, comparator_preset
from ctnas.errors import ConfigurationError
from ctnas.searching.config import search_preset
from ctnas.searching.strategies import get_strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.searching.strategies import Strategy


@dataclass(frozen=True, slots=True)
class Method:
    """A strategy with options.

    Attributes:
        strategy: its name.
        options: of the strategy.
        row: name in the paper's tables; None where the paper has no such method.
    """

    strategy: str
    options: Mapping[str, Any] = field(default_factory=dict)
    row: str | None = None


METHODS = {
    "random": Method("random", row="Random"),
    "regression": Method("regression", row="RegressionNAS"),
    "renas": Method("renas", row="ReNAS"),
    "evolution": Method("evolution"),
    "local": Method("local"),
    "exhaustive": Method("exhaustive"),
    "ctnas-paper": Method("ctnas", {"preset": "paper"}, "CTNAS"),
    "ctnas": Method("ctnas", row="CTNAS"),
    "adaptive": Method("adaptive", row="CTNAS"),
}


def chosen_methods(names: tuple[str, ...], default: tuple[str, ...]) -> dict[str, Method]:
    """Return methods by name, in order.

    Raises:
        ConfigurationError: if there is no such method.
    """
    for name in names:
        if name not in METHODS:
            raise ConfigurationError(f"unknown strategy {name!r}; known are {', '.join(METHODS)}")
    return {name: METHODS[name] for name in names or default}


def make_strategy(method: Method, iterations: int | None = None, **options: object) -> Strategy:
    """Return the strategy of a method.

    Args:
        method: which.
        iterations: of Algorithm 1, for the methods that run it.
        options: further ones.
    """
    if iterations is not None and method.strategy == "ctnas":
        options["iterations"] = iterations
    return get_strategy(method.strategy, **(dict(method.options) | options))


def fingerprint(what: object) -> str:
    """Return a hash of settings and of the presets they may name.

    A run that was made with other defaults is not taken for finished.
    """
    presets = [(comparator_preset(name), search_preset(name)) for name in ("default", "paper")]
    return hashlib.sha256(repr((what, presets, FitConfig())).encode()).hexdigest()[:16]
