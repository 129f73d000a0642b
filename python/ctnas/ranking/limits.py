"""Hard limits on what a candidate may cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from ctnas.labels.reading import ArchitectureChunk
    from ctnas.spaces import SearchSpace


@dataclass(slots=True)
class CostLimits:
    """Leaves candidates out that cost too much: they neither rank nor count as opponents.

    Attributes:
        space: what the candidates belong to.
        max_madds: largest number of multiply-adds, or None.
        max_params: largest number of parameters, or None.
        left_out: how many were left out so far.

    Raises:
        SpaceError: if there is a limit and the space does not know what its architectures cost.
    """

    space: SearchSpace
    max_madds: float | None = None
    max_params: float | None = None
    left_out: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self._is_set and self.space.costs(self.space.sample(1, seed=0)) is None:
            raise SpaceError(
                f"space {self.space.name!r} does not know what its architectures cost: "
                "candidates cannot be limited by multiply-adds or parameters"
            )

    @property
    def _is_set(self) -> bool:
        return self.max_madds is not None or self.max_params is not None

    def within(self, chunk: ArchitectureChunk) -> ArchitectureChunk:
        """Return the candidates within the limits."""
        costs = self.space.costs(chunk.architectures) if self._is_set else None
        if costs is None:
            return chunk
        kept = np.ones(len(chunk), dtype=np.bool_)
        for limit, cost in ((self.max_madds, costs.madds), (self.max_params, costs.parameters)):
            if limit is not None:
                kept &= cost <= limit
        self.left_out += len(chunk) - int(kept.sum())
        return replace(chunk, architectures=chunk.architectures[kept], rows=chunk.rows[kept])
