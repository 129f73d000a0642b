"""Hard limits on what a result may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ConfigurationError, SpaceError

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray
    from ctnas.spaces import SearchSpace

DRAWS = 100
"""Times that as many architectures are drawn as were asked for, before giving up."""


class MaddsLimit:
    """Tells which architectures stay within a number of multiply-adds.

    Args:
        space: a space that knows its costs, if there is a limit.
        max_madds: the largest number allowed; None allows everything.

    Raises:
        ConfigurationError: if the limit is not positive.
        SpaceError: if there is a limit and the space does not know its costs.
    """

    def __init__(self, space: SearchSpace, max_madds: float | None) -> None:
        if max_madds is not None and not max_madds > 0:
            raise ConfigurationError(f"max_madds must be positive, not {max_madds}")
        if max_madds is not None and space.costs(space.sample(1, seed=0)) is None:
            raise SpaceError(f"space {space.name!r} does not know multiply-adds to limit")
        self._space = space
        self._limit = max_madds

    def __bool__(self) -> bool:
        """Whether there is a limit."""
        return self._limit is not None

    def allows(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which architectures stay within the limit and keep constraints, [N]."""
        allowed = self._space.allowed(batch)
        if self._limit is None:
            return allowed
        costs = self._space.costs(batch)
        return allowed if costs is None else allowed & (costs.madds <= self._limit)

    def sample(self, count: int, generator: np.random.Generator) -> ArchitectureBatch:
        """Draw architectures uniformly among those within the limit.

        Raises:
            ConfigurationError: if there are none, or too few; names the cheapest.
        """
        self.check()
        parts, found, cheapest = [], 0, np.inf
        for _ in range(DRAWS):
            drawn = self._space.sample(count, generator)
            costs = self._space.costs(drawn)
            if costs is not None:
                cheapest = min(cheapest, float(costs.madds.min()))
            parts.append(drawn[self.allows(drawn)])
            found += len(parts[-1])
            if found >= count:
                merged = ArchitectureBatch.concatenate(parts)
                _, first = np.unique(merged.decisions, axis=0, return_index=True)
                if len(first) >= count:
                    return merged[np.sort(first)[:count]]
        raise ConfigurationError(
            f"only {found} of {DRAWS * count:,} sampled architectures have at most "
            f"{self._limit:,.0f} multiply-adds; the cheapest of them has {cheapest:,.0f}"
            f"{self.smallest()}"
        )

    def check(self) -> None:
        """Raise ConfigurationError if no architecture is within the limit, where that is known."""
        smallest = self._smallest_madds()
        if smallest is not None and self._limit is not None and smallest > self._limit:
            raise ConfigurationError(
                f"max_madds {self._limit:,.0f} is below the smallest architecture of space "
                f"{self._space.name!r}, which has {smallest:,.0f} multiply-adds"
            )

    def smallest(self) -> str:
        """Return what the smallest architecture costs, as the end of a message."""
        smallest = self._smallest_madds()
        return "" if smallest is None else f", the smallest possible {smallest:,.0f}"

    def _smallest_madds(self) -> float | None:
        cheapest = self._space.cheapest()
        costs = None if cheapest is None else self._space.costs(cheapest)
        return None if costs is None else float(costs.madds[0])
