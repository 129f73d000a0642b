"""Ways to find a good architecture with a limited number of measurements, by name."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.searching.queries import Measure
from ctnas.searching.strategies.adaptive import AdaptiveStrategy
from ctnas.searching.strategies.ctnas import CtnasStrategy
from ctnas.searching.strategies.evolution import EvolutionStrategy
from ctnas.searching.strategies.exhaustive import ExhaustiveStrategy
from ctnas.searching.strategies.local import LocalStrategy
from ctnas.searching.strategies.random import RandomStrategy
from ctnas.searching.strategies.regression import RegressionStrategy
from ctnas.searching.strategies.renas import ReNasStrategy
from ctnas.searching.strategies.strategy import Strategy, StrategyResult

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Measure", "Strategy", "StrategyResult", "get_strategy", "strategy_names"]

_STRATEGIES: dict[str, Callable[..., Strategy]] = {
    "adaptive": AdaptiveStrategy,
    "ctnas": CtnasStrategy,
    "evolution": EvolutionStrategy,
    "exhaustive": ExhaustiveStrategy,
    "local": LocalStrategy,
    "random": RandomStrategy,
    "regression": RegressionStrategy,
    "renas": ReNasStrategy,
}


def strategy_names() -> list[str]:
    """Return the names that `get_strategy` knows."""
    return sorted(_STRATEGIES)


def get_strategy(name: str, **options: Any) -> Strategy:
    """Return the strategy of that name.

    Args:
        name: one of `strategy_names`.
        options: attributes of the strategy's class.

    Raises:
        ConfigurationError: if there is no such strategy or option, or a value is not allowed.

    Example:
        >>> strategy = get_strategy("adaptive", initial=30)
        >>> result = strategy.run(space, measure, queries=100, seed=0)
    """
    if name not in _STRATEGIES:
        raise ConfigurationError(
            f"unknown strategy {name!r}; known are {', '.join(strategy_names())}"
        )
    kind: Any = _STRATEGIES[name]
    known = [field.name for field in fields(kind)]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ConfigurationError(
            f"strategy {name!r} has no option {unknown[0]!r}; "
            f"its options are {', '.join(known) or 'none'}"
        )
    strategy: Strategy = kind(**options)
    return strategy
