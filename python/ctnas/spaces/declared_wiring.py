"""Nodes and edges of a declared space as tables."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ctnas.architecture import PADDING
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.spaces.operation_fields import operation_name
from ctnas.spaces.tables import BYPASS, ChoiceTable, SpaceTables
from ctnas.spaces.wiring import NO_NODE, check_operations, full_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ctnas.spaces.decision import Choice, Decision
    from ctnas.spaces.declaration import ConditionalEdge, Declaration, Node, When

_ENDS = ("input", "output")


class DeclaredWiring:
    """Turns declared nodes and edges into tables: one a node, one a condition.

    Args:
        declaration: decisions, nodes and edges.
        decisions: its decisions, checked.

    Raises:
        SpaceError: naming the node, edge or decision that cannot be.
    """

    def __init__(self, declaration: Declaration, decisions: Sequence[Decision]) -> None:
        self._declaration, self._decisions = declaration, decisions
        self._columns = {decision.name: column for column, decision in enumerate(decisions)}
        self._names = [node.name for node in declaration.nodes]
        if len(set(self._names)) != len(self._names):
            raise SpaceError(f"two nodes have the same name: {', '.join(self._names)}")
        self._check_ends()
        self.nodes = len(self._names)
        self._operations = [self._operation(node) for node in declaration.nodes]
        check_operations({name for _, names in self._operations for name in names})
        self.vocabulary = full_vocabulary(
            sorted({name for _, names in self._operations for name in names})
        )
        self._tables = self._assembled()
        self._check_use()

    def tables(self) -> SpaceTables:
        """Return nodes and edges as the core runs them."""
        return self._tables

    def _assembled(self) -> SpaceTables:
        ids = {name: index for index, name in enumerate(self.vocabulary)} | {NO_NODE: PADDING}
        tables = SpaceTables()
        for node, (columns, names) in zip(self._declaration.nodes, self._operations, strict=True):
            table = ChoiceTable(columns, tuple(ids[name] for name in names))
            tables.node(self._where_it_is(node, table))
        for edge in self._declaration.edges:
            source, target, conditions = self._edge(edge)
            tables.edge(source, target, *conditions)
        return tables

    def _operation(self, node: Node) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Return the columns that decide on an operation, and its name for each combination."""
        place = f"node {node.name!r}"
        if isinstance(node.operation, str):
            if node.operation not in self._columns:
                return (), (node.operation,)
            column = self._columns[node.operation]
            return (column,), self._named_choices(place, self._decisions[column])
        decided = {f: v for f, v in node.operation.items() if v in self._columns}
        columns = tuple(dict.fromkeys(self._columns[str(v)] for v in decided.values()))
        names = []
        for row in self._combinations(columns):
            chosen = dict(zip(columns, row, strict=True))
            fields = {
                f: chosen[self._columns[str(v)]] if f in decided else v
                for f, v in node.operation.items()
            }
            try:
                names.append(operation_name(fields))
            except SpaceError as error:
                raise SpaceError(f"{place}: {error}") from None
        return columns, tuple(names)

    def _named_choices(self, place: str, decision: Decision) -> tuple[str, ...]:
        """Return the operations that the choices of one decision are."""
        if decision.numbers is not None:
            return tuple(f"{decision.name}={choice}" for choice in decision.texts)
        ends = sorted({*_ENDS} & {*decision.texts})
        if ends:
            raise SpaceError(f"{place}: {ends[0]!r} cannot be the choice of a decision")
        return decision.texts

    def _combinations(self, columns: Iterable[int]) -> Iterable[tuple[Choice, ...]]:
        return product(*(self._decisions[column].choices for column in columns))

    def _where_it_is(self, node: Node, table: ChoiceTable) -> ChoiceTable:
        """Return the table of a node that exists only under conditions."""
        if not node.when:
            return table
        place = f"node {node.name!r}"
        conditions = self._conditions(place, node.when)
        columns = tuple(
            dict.fromkeys((*table.columns, *(column for c in conditions for column in c.columns)))
        )
        values = []
        for row in product(*(range(len(self._decisions[column])) for column in columns)):
            chosen = dict(zip(columns, row, strict=True))
            exists = all(condition.values[chosen[condition.columns[0]]] for condition in conditions)
            at = 0
            for column in table.columns:
                at = at * len(self._decisions[column]) + chosen[column]
            values.append(table.values[at] if exists else BYPASS if node.bypassed else PADDING)
        return ChoiceTable(columns, tuple(values))

    def _edge(self, edge: ConditionalEdge) -> tuple[int, int, list[ChoiceTable]]:
        place = f"edge from {edge.source!r} to {edge.target!r}"
        for name in (edge.source, edge.target):
            if name not in self._names:
                known = ", ".join(self._names)
                raise SpaceError(f"{place}: no node {name!r}; nodes are {known}")
        source, target = self._names.index(edge.source), self._names.index(edge.target)
        if source >= target:
            raise SpaceError(f"{place}: nodes are listed so that edges lead forward; this does not")
        return source, target, self._conditions(place, edge.when)

    def _conditions(self, place: str, when: When) -> list[ChoiceTable]:
        return [self._condition(place, *item) for item in when.items()]

    def _condition(self, place: str, name: str, choices: tuple[Choice, ...]) -> ChoiceTable:
        if name not in self._columns:
            known = ", ".join(self._columns)
            raise SpaceError(f"{place}: no decision {name!r}; decisions are {known}")
        decision = self._decisions[self._columns[name]]
        try:
            allowed = {decision.index(choice) for choice in choices}
        except ArchitectureError as error:
            raise SpaceError(f"{place}: {error}") from None
        exists = tuple(int(choice in allowed) for choice in range(len(decision)))
        return ChoiceTable((self._columns[name],), exists)

    def _check_ends(self) -> None:
        fixed = [node.operation for node in self._declaration.nodes]
        if "input" not in fixed or fixed.count("output") != 1:
            listed = ", ".join(map(str, fixed))
            raise SpaceError(
                f"nodes need an 'input' and exactly one 'output' operation, not {listed}"
            )

    def _check_use(self) -> None:
        used: set[Choice] = set()
        for node in self._declaration.nodes:
            fields = node.operation
            used.update([fields] if isinstance(fields, str) else fields.values())
            used.update(node.when)
        for edge in self._declaration.edges:
            used.update(edge.when)
        for when in self._declaration.active.values():
            used.update(when)
        unused = next((name for name in self._columns if name not in used), None)
        if unused is not None:
            raise SpaceError(f"decision {unused!r} is used by no node and no edge")
