"""A search space that is nothing but decisions: no wiring."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ctnas.architecture import INPUT, OUTPUT
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.rules import declared_rules
from ctnas.spaces.tables import ChoiceTable, SpaceTables
from ctnas.spaces.wiring import FIXED_VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice


class DecisionSpace(NamedDecisions):
    """A search space without any wiring: named decisions whose choices are names or numbers.

    As a graph an architecture is the chain of its active decisions between input and output; the
    operation of a node says which choice was made: `width=16`.

    Text is `decision=choice,decision=choice`, without the decisions that are not active.

    Example:
        >>> space = DecisionSpace(
        ...     "mine",
        ...     {"depth": [1, 2], "width1": [16, 24, 32], "width2": [16, 24, 32]},
        ...     active={"width2": {"depth": 2}},
        ... )
        >>> space.size
        12
        >>> space.format(space.enumerate()[[0, 11]])
        ['depth=1,width1=16', 'depth=2,width1=32,width2=32']

    Args:
        name: what an exported comparator calls the space.
        decisions: the choices of every decision: names, or numbers, which have an order.
        active: for decisions that are not always active, the decisions that must be active and
            have made a certain choice, or one of certain choices.
        text: how architectures are written: `{decision}` stands for its choice, `[...]` is there
            where the first decision in it is active, as in `"{depth}:{width1}[-{width2}]"`.
        forbidden: combinations of choices that no architecture may make: decisions, and the
            choice or the choices that are meant. One on a decision that is not active does not
            hold.
        most_edges: that a graph may have, dead nodes left out.
        costs: what is added up to multiply-adds and parameters: tables with `madds`, `parameters`
            or both, and `when` they count: decisions, and the choice or the choices.

    Raises:
        SpaceError: naming the decision and what is wrong with it: names and numbers in one list,
            a choice that stands twice, a number that is not finite.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        active: Mapping[str, Conditions] | None = None,
        *,
        text: str | None = None,
        forbidden: Sequence[Mapping[str, Any]] = (),
        most_edges: int | None = None,
        costs: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(
            name, decisions, active, declared_rules(text, forbidden, most_edges, costs)
        )
        choices = [f"{d.name}={choice}" for d in self.decisions for choice in d.choices]
        self.vocabulary = (*FIXED_VOCABULARY, *choices)
        self.nodes = len(self.decisions) + 2

    def _tables(self) -> SpaceTables:
        tables = SpaceTables()
        tables.node(INPUT)
        first = len(FIXED_VOCABULARY)
        for column, decision in enumerate(self.decisions):
            choices = range(first, first + len(decision))
            tables.node(ChoiceTable((column,), tuple(choices)), decision=column)
            first = choices.stop
        tables.node(OUTPUT)
        tables.chain()
        return tables

    def to_toml(self) -> str:
        """Return the file that `GraphSpace.from_toml` reads this space from."""
        lines = [f"name = {_quoted(self.name)}"]
        lines += [f"{key} = {_value(value)}" for key, value in self.rules.plain().items()]
        lines += ["", "[decisions]"]
        lines += [f"{_quoted(d.name)} = {_listed(d.choices)}" for d in self.decisions]
        if self.active_when:
            lines += ["", "[active]"]
        for name, when in self.active_when.items():
            conditions = (f"{_quoted(d)} = {_listed(choices)}" for d, choices in when.items())
            lines.append(f"{_quoted(name)} = {{ {', '.join(conditions)} }}")
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, which is as JSON does but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    """Return a plain value as TOML writes it in one line."""
    if isinstance(value, dict):
        entries = (f"{_quoted(key)} = {_value(entry)}" for key, entry in value.items())
        return f"{{ {', '.join(entries)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _listed(choices: Iterable[Choice]) -> str:
    shown = (_quoted(choice) if isinstance(choice, str) else repr(choice) for choice in choices)
    return f"[{', '.join(shown)}]"
