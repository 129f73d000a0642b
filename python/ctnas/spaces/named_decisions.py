"""Spaces whose architectures are written `decision=choice,decision=choice`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.checked import seeded
from ctnas.errors import SpaceError
from ctnas.spaces.activity import Activity
from ctnas.spaces.decision import checked_decisions
from ctnas.spaces.rules import Rules, holds, resolved
from ctnas.spaces.space import ENUMERABLE, Costs, SearchSpace
from ctnas.spaces.text_form import compiled_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas import _core
    from ctnas.architecture import BoolArray, Int16Array, Int64Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice
    from ctnas.spaces.tables import SpaceTables


_COUNTED = 2_000_000
"""So many rows of choices are counted one by one where constraints leave only some."""
_SAMPLED = 100_000
_DRAWS = 1_000


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
        rules: text, constraints and costs.

    Raises:
        SpaceError: naming the decision and what is wrong with it.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        active: Mapping[str, Conditions] | None,
        rules: Rules | None = None,
    ) -> None:
        self.name = name
        self.decisions = checked_decisions(name, decisions)
        self._activity = Activity(self.decisions, active)
        self._free_size = self._activity.size()
        self.rules = rules or Rules()
        self._forbidden = [
            resolved(self.decisions, when, f"forbidden {number}")
            for number, when in enumerate(self.rules.forbidden, start=1)
        ]
        self._terms = [
            (resolved(self.decisions, term.when, f"costs {number}"), term)
            for number, term in enumerate(self.rules.costs, start=1)
        ]
        self.text = self.rules.text
        if self.text:
            compiled_text(self.decisions, self._conditions(), self.text)

    @cached_property
    def size(self) -> int:
        """How many architectures there are.

        Where constraints leave some of very many, this is an estimate from a sample.
        """
        if not self.is_constrained:
            return self._free_size
        if self._rows <= _COUNTED:
            return len(self.enumerate())
        generator = np.random.default_rng(0)
        drawn = ArchitectureBatch(self.name, self._free_draw(_SAMPLED, generator))
        return int(self._free_size * self.allowed(drawn).mean())

    @property
    def is_constrained(self) -> bool:
        """Whether some rows of choices are no architectures."""
        return self.rules.constrain

    def allowed(self, batch: ArchitectureBatch) -> BoolArray:
        """Return which rows keep the constraints of the space, bool [N]."""
        self.check(batch)
        if self.core is not None:
            return self.core.allowed(np.ascontiguousarray(batch.decisions))
        kept = np.ones(len(batch), dtype=np.bool_)
        active = self.active(batch)
        for conditions in self._forbidden:
            kept &= ~holds(conditions, batch.decisions, active)
        if self.rules.most_edges is not None:
            kept &= self._edges(batch) <= self.rules.most_edges
        return kept

    def costs(self, batch: ArchitectureBatch) -> Costs | None:
        """Return the sums of the declared terms, or None where there are none."""
        self.check(batch)
        if not self._terms:
            return None
        madds, parameters = np.zeros(len(batch)), np.zeros(len(batch))
        active = self.active(batch)
        for conditions, term in self._terms:
            counted = holds(conditions, batch.decisions, active)
            madds += counted * term.madds
            parameters += counted * term.parameters
        return Costs(madds, parameters)

    def _edges(self, batch: ArchitectureBatch) -> Int64Array:
        edges: Int64Array = self.graphs(batch).adjacency.sum(axis=(1, 2), dtype=np.int64)
        return edges

    def _refusal(self, batch: ArchitectureBatch) -> str:
        active = self.active(batch)
        for conditions in self._forbidden:
            if holds(conditions, batch.decisions, active)[0]:
                row = batch.decisions[0]
                made = (
                    f"{self.decisions[column].name}={self.decisions[column].choices[row[column]]}"
                    for column, _ in conditions
                )
                return f"{' and '.join(made)} is forbidden"
        return f"{self._edges(batch)[0]} edges are more than {self.rules.most_edges}"

    def _compiled(self, tables: SpaceTables) -> _core.Space:
        return tables.compiled(
            self.choices.tolist(), self._conditions(), self._forbidden, self.rules.most_edges
        )

    def _conditions(self) -> Activity | None:
        return self._activity if self._activity else None

    def sample(self, count: int, seed: int | np.random.Generator) -> ArchitectureBatch:
        """Draw `count` architectures without repetition.

        Where some decisions are not always active, every decision is drawn uniformly, not every
        architecture: otherwise nearly all would have as many active decisions as there can be.
        """
        count = self._checked_count(count)
        if not self._activity and not self.is_constrained:
            return super().sample(count, seed)
        generator = np.random.default_rng(seeded(seed))
        if self._rows <= ENUMERABLE and 4 * count > self.size:
            rows = self.enumerate().decisions
            return ArchitectureBatch(self.name, rows[generator.permutation(len(rows))[:count]])
        return self._distinct_draws(count, generator)

    def enumerate(self) -> ArchitectureBatch:
        """Return every architecture, in ascending order of decisions."""
        rows = self._all_rows()
        if self._activity:
            rows = rows[(self._activity(rows) | (rows == 0)).all(axis=1)]
        batch = ArchitectureBatch(self.name, rows)
        return batch[self.allowed(batch)] if self.is_constrained else batch

    def _free_draw(self, count: int, generator: np.random.Generator) -> Int16Array:
        """Draw canonical rows, whatever the constraints."""
        return self._activity.canonical(super()._draw(count, generator))

    def _draw(self, count: int, generator: np.random.Generator) -> Int16Array:
        """Draw rows until one keeps the constraints; no more than are wanted."""
        for _ in range(_DRAWS):
            rows = self._free_draw(count, generator)
            if not self.is_constrained:
                return rows
            kept = rows[self.allowed(ArchitectureBatch(self.name, rows))]
            if len(kept):
                return kept
        raise SpaceError(f"hardly any row of choices keeps the constraints of space {self.name!r}")

    def _mapping_text(self, mapping: Mapping[str, object]) -> str:
        return ",".join(f"{name}={choice}" for name, choice in mapping.items())
