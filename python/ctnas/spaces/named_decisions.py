"""Spaces whose architectures are written `decision=choice,decision=choice`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.checked import seeded
from ctnas.spaces.activity import Activity
from ctnas.spaces.decision import checked_decisions
from ctnas.spaces.space import ENUMERABLE, SearchSpace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas.architecture import Int16Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice


class NamedDecisions(SearchSpace):
    """A space of named decisions, some of which may be active only when others say so.

    A text leaves out what is not active; `parse` takes decisions in any order, and whatever is
    said of those that are not active.

    Args:
        name: what an exported comparator calls the space.
        decisions: the choices of every decision, names or numbers, in the order in which a policy
            takes them.
        active: for decisions that are not always active, the decisions that must be active and
            have made a certain choice, or one of certain choices.

    Raises:
        SpaceError: naming the decision and what is wrong with it.
    """

    text = ""

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        active: Mapping[str, Conditions] | None,
    ) -> None:
        self.name = name
        self.decisions = checked_decisions(name, decisions)
        self._activity = Activity(self.decisions, active)
        self.size = self._activity.size()

    def _conditions(self) -> Activity | None:
        return self._activity if self._activity else None

    @property
    def active_when(self) -> dict[str, dict[str, list[Choice]]]:
        """For each decision that is not always active, what others must have chosen."""
        return {
            self.decisions[column].name: {
                self.decisions[deciding].name: [
                    choice
                    for choice, holds in zip(self.decisions[deciding].choices, allowed, strict=True)
                    if holds
                ]
                for deciding, allowed in conditions
            }
            for column, conditions in self._activity.in_order()
        }

    def sample(self, count: int, seed: int | np.random.Generator) -> ArchitectureBatch:
        """Draw `count` architectures without repetition.

        Where some decisions are not always active, every decision is drawn uniformly, not every
        architecture: otherwise nearly all would have as many active decisions as there can be.
        """
        count = self._checked_count(count)
        if not self._activity:
            return super().sample(count, seed)
        generator = np.random.default_rng(seeded(seed))
        if self._rows <= ENUMERABLE and 4 * count > self.size:
            rows = self.enumerate().decisions
            return ArchitectureBatch(self.name, rows[generator.permutation(len(rows))[:count]])
        return self._distinct_draws(count, generator)

    def enumerate(self) -> ArchitectureBatch:
        """Return every architecture, in ascending order of decisions."""
        rows = self._all_rows()
        kept = (self._activity(rows) | (rows == 0)).all(axis=1) if self._activity else slice(None)
        return ArchitectureBatch(self.name, rows[kept])

    def _draw(self, count: int, generator: np.random.Generator) -> Int16Array:
        return self._activity.canonical(super()._draw(count, generator))

    def _mapping_text(self, mapping: Mapping[str, object]) -> str:
        return ",".join(f"{name}={choice}" for name, choice in mapping.items())
