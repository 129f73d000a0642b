"""A search space as plain values: as a file declares it, as it travels with a comparator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import SpaceError
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.wiring import FIXED_VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice
    from ctnas.spaces.rules import Rules
    from ctnas.spaces.tables import SpaceTables

_USUAL_IDENTITIES = frozenset({"identity", "skip", "skip_connect"})


class TabledSpace(NamedDecisions):
    """A space of named decisions whose nodes and edges are tables.

    Args:
        name: what an exported comparator calls the space.
        decisions: the choices of every decision.
        active: where decisions matter that do not always do.
        tables: nodes and edges.
        vocabulary: names of the operation ids.
        identities: names of the operations that pass on what they get.
        rules: text, constraints and costs.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        active: Mapping[str, Conditions] | None,
        tables: SpaceTables,
        vocabulary: Sequence[str],
        identities: Sequence[str] | None,
        rules: Rules | None = None,
    ) -> None:
        super().__init__(name, decisions, active, rules)
        self._given_tables = tables
        self.vocabulary = tuple(vocabulary)
        self.nodes = len(tables.nodes)
        self.identities = checked_identities(name, self.vocabulary, identities)

    def _tables(self) -> SpaceTables:
        return self._given_tables


def checked_identities(
    space: str, vocabulary: Sequence[str], named: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the operations that pass on what they get; the usual names if none are given.

    Raises:
        SpaceError: if one is no operation of the space.
    """
    operations = vocabulary[len(FIXED_VOCABULARY) :]
    if named is None:
        return tuple(name for name in operations if name in _USUAL_IDENTITIES)
    unknown = next((name for name in named if name not in operations), None)
    if unknown is not None:
        raise SpaceError(
            f"space {space!r} has no operation {unknown!r} that could be an identity; "
            f"operations are {', '.join(operations)}"
        )
    return tuple(named)
