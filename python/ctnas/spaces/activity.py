"""Decisions that matter only where other decisions say so."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.checked import check_type
from ctnas.errors import ArchitectureError, SpaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.architecture import BoolArray, Int16Array
    from ctnas.spaces.decision import Choice, Decision

Conditions: TypeAlias = "Mapping[str, Choice | Sequence[Choice]]"
"""Decisions, and the choice or the choices that each must have made."""

_MOST_ASSIGNMENTS = 2_000_000


class Activity:
    """Says which decisions are active in a row: all whose conditions hold.

    A condition on a decision that is not active itself does not hold.

    Args:
        decisions: T decisions.
        active: for those that are not always active, what must hold.

    Raises:
        SpaceError: if a condition names no decision or no choice, or conditions form a circle.
    """

    def __init__(
        self, decisions: Sequence[Decision], active: Mapping[str, Conditions] | None = None
    ) -> None:
        self._decisions = decisions
        self._positions = {decision.name: at for at, decision in enumerate(decisions)}
        if active is not None:
            check_type("active", active, Mapping, "what must hold, by the decision's name")
        self._conditions = {
            self._position(name, name): tuple(self._condition(name, *item) for item in when.items())
            for name, when in (active or {}).items()
        }
        self._order = list(self._topological())

    def __bool__(self) -> bool:
        return bool(self._conditions)

    def in_order(self) -> list[tuple[int, tuple[tuple[int, BoolArray], ...]]]:
        """Return each conditional column, the deciding columns and which choices are allowed.

        Columns that others depend on come first.
        """
        return [(column, self._conditions[column]) for column in self._order]

    def as_lists(self) -> list[tuple[int, list[tuple[int, list[bool]]]]]:
        """Return the same as plain values."""
        return [
            (column, [(deciding, allowed.tolist()) for deciding, allowed in conditions])
            for column, conditions in self.in_order()
        ]

    def __call__(self, rows: Int16Array) -> BoolArray:
        """Return which decisions are active, bool [N, T]."""
        active = np.ones(rows.shape, dtype=np.bool_)
        for column in self._order:
            for deciding, allowed in self._conditions[column]:
                active[:, column] &= active[:, deciding] & allowed[rows[:, deciding]]
        return active

    def canonical(self, rows: Int16Array) -> Int16Array:
        """Return the rows with the first choice where a decision is not active."""
        return np.where(self(rows), rows, 0).astype(np.int16) if self else rows

    def size(self) -> int:
        """Return how many canonical rows there are.

        Raises:
            SpaceError: if so many decisions depend on each other that they cannot be counted.
        """
        return prod(self._assignments(group) for group in self._groups())

    def _assignments(self, group: list[int]) -> int:
        """Return in how many ways decisions can be made that depend on each other."""
        deciding = sorted({d for c in group for d, _ in self._conditions.get(c, ())})
        counts = [len(self._decisions[column]) for column in deciding]
        if prod(counts) > _MOST_ASSIGNMENTS:
            names = ", ".join(self._decisions[column].name for column in deciding)
            raise SpaceError(f"too many decisions depend on each other: {names}")
        rows = np.zeros((prod(counts), len(self._decisions)), dtype=np.int16)
        if deciding:
            rows[:, deciding] = np.indices(counts, dtype=np.int16).reshape(len(counts), -1).T
        active = self(rows)
        canonical = (active[:, deciding] | (rows[:, deciding] == 0)).all(axis=1)
        total = 0
        free = [column for column in group if column not in deciding]
        masks, counted = np.unique(active[canonical][:, free], axis=0, return_counts=True)
        for mask, times in zip(masks, counted, strict=True):
            chosen = (c for c, is_active in zip(free, mask, strict=True) if is_active)
            total += int(times) * prod(len(self._decisions[c]) for c in chosen)
        return total

    def _groups(self) -> list[list[int]]:
        """Return the columns, together with those whose activity hangs together with theirs."""
        group_of = list(range(len(self._decisions)))
        for column, conditions in self._conditions.items():
            for deciding, _ in conditions:
                old, new = group_of[column], group_of[deciding]
                group_of = [new if group == old else group for group in group_of]
        return [
            [column for column, of in enumerate(group_of) if of == group]
            for group in sorted(set(group_of))
        ]

    def _topological(self) -> Iterator[int]:
        """Yield the conditional columns, those that others depend on first."""
        waiting = dict(self._conditions)
        while waiting:
            ready = [
                column
                for column, conditions in waiting.items()
                if not any(deciding in waiting for deciding, _ in conditions)
            ]
            if not ready:
                names = ", ".join(self._decisions[column].name for column in waiting)
                raise SpaceError(f"decisions are active because of each other: {names}")
            for column in ready:
                del waiting[column]
            yield from ready

    def _condition(
        self, name: str, deciding: str, choices: Choice | Sequence[Choice]
    ) -> tuple[int, BoolArray]:
        decision = self._decisions[self._position(deciding, name)]
        listed = [choices] if isinstance(choices, str | int | float) else choices
        allowed = np.zeros(len(decision), dtype=np.bool_)
        for choice in listed:
            try:
                allowed[decision.index(choice)] = True
            except ArchitectureError as error:
                raise SpaceError(f"decision {name!r} is active when: {error}") from None
        return self._positions[deciding], allowed

    def _position(self, name: str, conditional: str) -> int:
        if name not in self._positions:
            known = ", ".join(self._positions)
            raise SpaceError(
                f"decision {conditional!r} is active when: there is no decision {name!r}; "
                f"decisions are {known}"
            )
        return self._positions[name]
