"""The budget of measurements, and what they showed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.architecture import ArchitectureBatch, Float64Array
from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import LabelSet

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray
    from ctnas.spaces import SearchSpace

Measure: TypeAlias = Callable[[ArchitectureBatch], Float64Array]
"""Returns the objective of N architectures, float64 [N]; higher is better."""

METRIC = "objective"
_FIRST_DRAW = 1
"""Keeps the first draw apart from all else that is seeded alike."""


class QueryLog:
    """Asks the objective, never more often than allowed.

    Args:
        space: the space of what is asked.
        measure: the objective.
        queries: how many architectures may be measured.

    Raises:
        ConfigurationError: if there is no query, or there are more than architectures.
    """

    def __init__(self, space: SearchSpace, measure: Measure, queries: int) -> None:
        if not 1 <= queries <= space.size:
            raise ConfigurationError(
                f"queries must be in 1..{space.size:,}, the number of architectures of space "
                f"{space.name!r}, not {queries:,}"
            )
        self._space, self._measure, self._queries = space, measure, queries
        self.architectures = space.batch(np.empty((0, len(space.decisions)), dtype=np.int16))
        self.values: Float64Array = np.empty(0)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def left(self) -> int:
        """How many queries are left."""
        return self._queries - len(self)

    def ask(self, batch: ArchitectureBatch) -> Float64Array:
        """Measure architectures that are new, and remember them.

        Returns:
            The objective of each, [N].

        Raises:
            LabelError: if the objective is not N finite numbers.
        """
        if len(batch) > self.left:
            raise ConfigurationError(f"{len(batch)} queries were asked, {self.left} are left")
        values = np.asarray(self._measure(batch), dtype=np.float64)
        if values.shape != (len(batch),):
            raise LabelError(
                f"the objective of {len(batch)} architectures must be float64 [{len(batch)}], "
                f"not of shape {list(values.shape)}"
            )
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            text = self._space.format(batch[[int(wrong[0])]])[0]
            raise LabelError(f"the objective of {text!r} is {values[wrong[0]]}, not finite")
        self.architectures = ArchitectureBatch.concatenate([self.architectures, batch])
        self.values = np.concatenate([self.values, values])
        return values

    def fresh(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which architectures have a graph that nothing measured or before them has, [N]."""
        both = ArchitectureBatch.concatenate([self.architectures, batch])
        return self._space.is_distinct(both)[len(self) :]

    def labels(self) -> LabelSet:
        """Return what was measured, in order."""
        return LabelSet(self._space, self.architectures, self.values, METRIC)

    def best(self) -> ArchitectureBatch:
        """Return the architecture of the highest objective, the first of equal ones."""
        return self.architectures[[int(np.argmax(self.values))]]


def random_labels(space: SearchSpace, measure: Measure, queries: int, seed: int) -> LabelSet:
    """Measure architectures drawn uniformly, all at once (Alg. 1, line 1).

    The draw depends on space, number and seed alone: strategies of one seed learn from the same.
    """
    log = QueryLog(space, measure, queries)
    log.ask(first_draw(space, queries, seed))
    return log.labels()


def first_draw(space: SearchSpace, count: int, seed: int) -> ArchitectureBatch:
    """Return the architectures that are measured before anything is known."""
    return space.sample(count, np.random.default_rng([seed, _FIRST_DRAW]))
