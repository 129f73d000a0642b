"""What a declared space is to the core: tables over choices, nodes, edges and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ctnas import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces.activity import Activity
    from ctnas.spaces.rules import Combination

NO_NODE = 0
"""The id of an operation that is no node: no path leads through it."""
BYPASS = -1
"""The id of a node that is left out: what feeds it feeds all that it would have fed."""


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """A value for each combination of choices of some decisions.

    Attributes:
        columns: of the decisions; none where the one value always holds.
        values: one a combination; the last decision varies fastest.
    """

    columns: tuple[int, ...]
    values: tuple[int, ...]

    @staticmethod
    def fixed(value: int) -> ChoiceTable:
        """Return the table of a value that always holds."""
        return ChoiceTable((), (value,))


Edge: TypeAlias = tuple[int, int, tuple[ChoiceTable, ...]]
"""Source and target nodes, and tables all of which must have another value than 0."""


@dataclass(slots=True)
class SpaceTables:
    """Nodes and edges of the graphs of a space, each a function of few decisions.

    Attributes:
        nodes: V tables of operation ids, each with the column of a decision, or -1: the node is
            bypassed where that decision is not active.
        edges: those that may exist; they lead forward.
        nasbench101_cells: rows are cells of NAS-Bench-101, which the core draws by their own rules.
    """

    nodes: list[tuple[ChoiceTable, int]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    nasbench101_cells: bool = False

    def node(self, operation: int | ChoiceTable, decision: int = -1) -> int:
        """Add a node; return its number."""
        table = operation if isinstance(operation, ChoiceTable) else ChoiceTable.fixed(operation)
        self.nodes.append((table, decision))
        return len(self.nodes) - 1

    def edge(self, source: int, target: int, *conditions: ChoiceTable) -> None:
        """Add an edge that exists where all conditions hold."""
        self.edges.append((source, target, conditions))

    def chain(self) -> None:
        """Add an edge from every node to the next."""
        for node in range(len(self.nodes) - 1):
            self.edge(node, node + 1)

    def compiled(
        self,
        choices: Sequence[int],
        activity: Activity | None = None,
        forbidden: Sequence[Combination] = (),
        most_edges: int | None = None,
    ) -> _core.Space:
        """Return the space at work.

        Args:
            choices: T, how many each decision has.
            activity: which decisions matter.
            forbidden: conditions that must not all hold.
            most_edges: that a graph may have.
        """
        numbers: dict[ChoiceTable, int] = {}
        nodes = [(numbers.setdefault(t, len(numbers)), decision) for t, decision in self.nodes]
        edges = [
            (source, target, [numbers.setdefault(table, len(numbers)) for table in conditions])
            for source, target, conditions in self.edges
        ]
        return _core.Space(
            choices=[int(count) for count in choices],
            tables=[(list(table.columns), list(table.values)) for table in numbers],
            nodes=nodes,
            edges=edges,
            active=activity.as_lists() if activity else [],
            nasbench101_cells=self.nasbench101_cells,
            forbidden=[[(c, allowed.tolist()) for c, allowed in each] for each in forbidden],
            most_edges=-1 if most_edges is None else most_edges,
        )
