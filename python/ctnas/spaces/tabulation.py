"""A function that wires architectures as tables: which decisions each node and edge depends on.

What a function depends on is found by trying. Tables are filled for all choices of those decisions
and hold for drawn architectures, or there are none.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.spaces.tables import NO_NODE, ChoiceTable, SpaceTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Row: TypeAlias = tuple[int, ...]
Drawn: TypeAlias = "tuple[Sequence[int], frozenset[tuple[int, int]]]"
"""Operation ids of the nodes, and edges."""
Part: TypeAlias = "int | tuple[int, int]"
"""A node, or an edge."""

_BASES = 6
_VERIFIED = 2_000
_MOST_REPAIRS = 400
_LARGEST_TABLE = 4_096
_MOST_CALLS = 200_000


class _TooManyError(Exception):
    """A part depends on so many decisions that a table of it would be too large."""


def tabulated(
    draw: Callable[[Row], Drawn],
    choices: Sequence[int],
    nodes: int,
    canonical: Callable[[Row], Row],
) -> SpaceTables | None:
    """Return the tables of a function, or None where some node or edge depends on too much.

    Args:
        draw: the function: takes a canonical row of choices, returns its graph.
        choices: T, how many each decision has.
        nodes: V, the most nodes that a graph has.
        canonical: makes any row the one that stands for it.
    """
    try:
        return _Tabulation(draw, choices, nodes, canonical).tables()
    except _TooManyError:
        return None


class _Tabulation:
    def __init__(
        self,
        draw: Callable[[Row], Drawn],
        choices: Sequence[int],
        nodes: int,
        canonical: Callable[[Row], Row],
    ) -> None:
        self._draw, self._canonical = draw, canonical
        self._choices, self._nodes = [int(count) for count in choices], nodes
        self._known: dict[Row, Drawn] = {}
        self._columns: dict[Part, set[int]] = {node: set() for node in range(nodes)}
        self._base: Row = self._canonical((0,) * len(self._choices))

    def tables(self) -> SpaceTables | None:
        """Return the tables that hold for every drawn row."""
        self._find_dependencies()
        rows = list(self._verified_rows())
        for _ in range(_MOST_REPAIRS):
            filled = self._fill()
            wrong = next((row for row in rows if not self._holds(filled, row)), None)
            if wrong is None:
                return self._assembled(filled)
            if not self._repair(filled, wrong):
                return None
        return None

    def _graph(self, row: Row) -> Drawn:
        row = self._canonical(row)
        if row not in self._known:
            if len(self._known) >= _MOST_CALLS:
                raise _TooManyError
            operations, edges = self._draw(row)
            padded = [*operations, *[NO_NODE] * (self._nodes - len(operations))]
            self._known[row] = padded, edges
        return self._known[row]

    def _part(self, row: Row, part: Part) -> int:
        operations, edges = self._graph(row)
        return operations[part] if isinstance(part, int) else int(part in edges)

    def _find_dependencies(self) -> None:
        generator = np.random.default_rng(0)
        drawn = generator.integers(0, self._choices, size=(_BASES, len(self._choices)))
        for base in (self._base, *map(tuple, drawn.tolist())):
            for column, count in enumerate(self._choices):
                for choice in range(count):
                    self._note(base, (*base[:column], choice, *base[column + 1 :]), column)

    def _note(self, before: Row, after: Row, column: int) -> bool:
        """Note what a change of one decision changes; return whether anything is new."""
        (old, old_edges), (new, new_edges) = self._graph(before), self._graph(after)
        changed: list[Part] = [node for node in range(self._nodes) if old[node] != new[node]]
        changed += old_edges ^ new_edges
        news = [part for part in changed if column not in self._columns.get(part, ())]
        for part in news:
            self._columns.setdefault(part, set()).add(column)
        return bool(news)

    def _verified_rows(self) -> Iterator[Row]:
        if prod(self._choices) <= _VERIFIED:
            yield from product(*(range(count) for count in self._choices))
            return
        generator = np.random.default_rng(1)
        drawn = generator.integers(0, self._choices, size=(_VERIFIED, len(self._choices)))
        yield from map(tuple, drawn.tolist())

    def _fill(self) -> dict[Part, ChoiceTable]:
        """Return a table of every part, filled beside the choices of the first row."""
        parts: set[Part] = {*self._columns, *self._graph(self._base)[1]}
        return {part: self._table(part) for part in parts}

    def _table(self, part: Part) -> ChoiceTable:
        columns = tuple(sorted(self._columns.get(part, ())))
        counts = [self._choices[column] for column in columns]
        if prod(counts) > _LARGEST_TABLE:
            raise _TooManyError
        values = (
            self._part(self._with(columns, combination), part)
            for combination in product(*(range(count) for count in counts))
        )
        return ChoiceTable(columns, tuple(values))

    def _with(self, columns: Iterable[int], combination: Iterable[int]) -> Row:
        row = list(self._base)
        for column, choice in zip(columns, combination, strict=True):
            row[column] = choice
        return tuple(row)

    def _wrong_parts(self, filled: dict[Part, ChoiceTable], row: Row) -> list[Part]:
        row = self._canonical(row)
        operations, edges = self._graph(row)
        wrong: list[Part] = [edge for edge in edges if edge not in filled]
        for part, table in filled.items():
            place = 0
            for column in table.columns:
                place = place * self._choices[column] + row[column]
            actual = operations[part] if isinstance(part, int) else int(part in edges)
            if table.values[place] != actual:
                wrong.append(part)
        return wrong

    def _holds(self, filled: dict[Part, ChoiceTable], row: Row) -> bool:
        return not self._wrong_parts(filled, row)

    def _repair(self, filled: dict[Part, ChoiceTable], row: Row) -> bool:
        """Walk from where the table of a wrong part was filled to a row, and note what changes."""
        found = False
        for part in self._wrong_parts(filled, row):
            columns = filled[part].columns if part in filled else ()
            walk = self._with(columns, (row[column] for column in columns))
            for column in range(len(row)):
                after = (*walk[:column], row[column], *walk[column + 1 :])
                found |= self._note(walk, after, column)
                walk = after
        return found

    def _assembled(self, filled: dict[Part, ChoiceTable]) -> SpaceTables:
        tables = SpaceTables()
        for node in range(self._nodes):
            tables.node(filled[node])
        for part in sorted(part for part in filled if not isinstance(part, int)):
            table = filled[part]
            conditions = (table,) if table.columns else ()
            if any(table.values):
                tables.edge(*part, *conditions)
        return tables
