"""What a declared space says besides its decisions and wiring: text, constraints, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ctnas.checked import check_type, shown_value
from ctnas.errors import ArchitectureError, SpaceError

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Int16Array
    from ctnas.spaces.decision import Choice, Decision

When: TypeAlias = "Mapping[str, tuple[Choice, ...]]"
"""Decisions, and the choices of which each must have made one."""
Combination: TypeAlias = "tuple[tuple[int, BoolArray], ...]"
"""Columns, and which of their choices are meant."""

_COSTS = ("madds", "parameters")


@dataclass(frozen=True, slots=True)
class CostTerm:
    """What is added to the costs of an architecture that makes certain choices.

    Attributes:
        when: the choices; nothing where it is always added.
        madds: multiply-adds of one forward pass at batch 1.
        parameters: trainable parameters.
    """

    when: When
    madds: float
    parameters: float


@dataclass(frozen=True, slots=True)
class Rules:
    """Text, constraints and costs as they are declared.

    Attributes:
        text: a pattern, see `SearchSpace.text`.
        forbidden: combinations of choices that no architecture may make as a whole.
        most_edges: that a graph without dead nodes may have; None for any number.
        costs: terms that are added up.
    """

    text: str = ""
    forbidden: tuple[When, ...] = ()
    most_edges: int | None = None
    costs: tuple[CostTerm, ...] = ()

    @property
    def constrain(self) -> bool:
        """Whether some rows of choices are no architectures."""
        return bool(self.forbidden) or self.most_edges is not None

    def plain(self) -> dict[str, Any]:
        """Return what is declared as plain values, as `declared_rules` takes them."""
        content: dict[str, Any] = {}
        if self.text:
            content["text"] = self.text
        if self.forbidden:
            content["forbidden"] = [_plain(when) for when in self.forbidden]
        if self.most_edges is not None:
            content["most_edges"] = self.most_edges
        if self.costs:
            content["costs"] = [
                {
                    **({"when": _plain(term.when)} if term.when else {}),
                    "madds": term.madds,
                    "parameters": term.parameters,
                }
                for term in self.costs
            ]
        return content


def declared_rules(
    text: str | None = None,
    forbidden: Sequence[Mapping[str, Any]] = (),
    most_edges: int | None = None,
    costs: Sequence[Mapping[str, Any]] = (),
) -> Rules:
    """Return the rules that plain values declare; names are resolved later.

    Raises:
        SpaceError: naming the entry of another form.
    """
    if text is not None:
        check_type("text", text, str, "a pattern such as '{depth}-{width}'")
    if most_edges is not None and (isinstance(most_edges, bool) or not _is_whole(most_edges)):
        raise SpaceError(
            f"most_edges must be a whole number of at least 0, not {shown_value(most_edges)}"
        )
    combinations = [
        _when(f"forbidden {number}", entry)
        for number, entry in enumerate(_listed("forbidden", forbidden), start=1)
    ]
    empty = next((n for n, when in enumerate(combinations, start=1) if not when), None)
    if empty is not None:
        raise SpaceError(f"forbidden {empty} names no decision: it would forbid everything")
    terms = [_term(*entry) for entry in enumerate(_listed("costs", costs), start=1)]
    return Rules(text or "", tuple(combinations), most_edges, tuple(terms))


def resolved(decisions: Sequence[Decision], when: When, place: str) -> Combination:
    """Return the columns and choices that are meant.

    Raises:
        SpaceError: if there is no such decision or choice; the message begins with `place`.
    """
    columns = {decision.name: column for column, decision in enumerate(decisions)}
    found = []
    for name, choices in when.items():
        if name not in columns:
            known = ", ".join(columns)
            raise SpaceError(f"{place}: there is no decision {name!r}; decisions are {known}")
        decision = decisions[columns[name]]
        allowed = np.zeros(len(decision), dtype=np.bool_)
        try:
            allowed[[decision.index(choice) for choice in choices]] = True
        except ArchitectureError as error:
            raise SpaceError(f"{place}: {error}") from None
        found.append((columns[name], allowed))
    return tuple(found)


def holds(conditions: Combination, rows: Int16Array, active: BoolArray) -> BoolArray:
    """Return in which rows int16 [N, T] all conditions hold, bool [N].

    A condition on a decision that is not active does not hold.
    """
    result = np.ones(len(rows), dtype=np.bool_)
    for column, allowed in conditions:
        result &= active[:, column] & allowed[rows[:, column]]
    return result


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and int(value) >= 0


def _listed(name: str, entries: object) -> Sequence[Mapping[str, Any]]:
    if isinstance(entries, Sequence) and all(isinstance(entry, Mapping) for entry in entries):
        return entries
    raise SpaceError(f"{name} must be a list of tables, not {shown_value(entries)}")


def _when(place: str, entry: object) -> When:
    if not isinstance(entry, Mapping):
        raise SpaceError(f"{place} must be a table of decisions, not {shown_value(entry)}")
    return {
        name: tuple(choices) if isinstance(choices, list | tuple) else (choices,)
        for name, choices in entry.items()
    }


def _term(number: int, entry: Mapping[str, Any]) -> CostTerm:
    unknown = set(entry) - {"when", *_COSTS}
    if unknown or not set(entry) & set(_COSTS):
        raise SpaceError(
            f"costs {number} must have madds, parameters or both, not {shown_value(dict(entry))}"
        )
    values = []
    for name in _COSTS:
        value = entry.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise SpaceError(f"costs {number}: {name} must be a number, not {shown_value(value)}")
        values.append(value)
    return CostTerm(_when(f"costs {number}: when", entry.get("when", {})), *values)


def _plain(when: When) -> dict[str, list[Choice]]:
    return {name: list(choices) for name, choices in when.items()}
