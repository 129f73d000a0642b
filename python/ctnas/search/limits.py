"""Hard limits on what a result may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import ConfigurationError, SpaceError

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, BoolArray
    from ctnas.spaces import SearchSpace


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
        if max_madds is not None and max_madds <= 0:
            raise ConfigurationError(f"max_madds must be positive, not {max_madds}")
        if max_madds is not None and space.costs(space.sample(1, seed=0)) is None:
            raise SpaceError(f"space {space.name!r} does not know multiply-adds to limit")
        self._space = space
        self._limit = max_madds

    def allows(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which architectures stay within the limit, [N]."""
        costs = None if self._limit is None else self._space.costs(batch)
        if costs is None or self._limit is None:
            return np.ones(len(batch), dtype=np.bool_)
        return costs.madds <= self._limit
