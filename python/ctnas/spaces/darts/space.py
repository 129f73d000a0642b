"""The DARTS space: a normal and a reduction cell, two operations in each of four nodes."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import (
    INPUT,
    OUTPUT,
    PADDING,
    ArchitectureBatch,
    Int16Array,
    Int64Array,
)
from ctnas.errors import ArchitectureError
from ctnas.spaces.cell_text import Edge, operation_index, parse_node, split_nodes
from ctnas.spaces.darts.costs import DARTS_OPERATIONS, DartsLayout, darts_costs
from ctnas.spaces.darts.genotype import format_genotype, parse_genotype
from ctnas.spaces.decision import Decision
from ctnas.spaces.space import Costs, SearchSpace
from ctnas.spaces.tables import ChoiceTable, SpaceTables

if TYPE_CHECKING:
    from collections.abc import Sequence

DARTS_CELLS = ("normal", "reduction")
"""The two cell types, in the order of the second axis of `DartsSpace.edges`."""

_NODES = 4
_INPUT_PAIRS = tuple(tuple(combinations(range(node + 2), 2)) for node in range(_NODES))
_CELL_INPUTS = ("previous_previous", "previous")
_SUMS = tuple(f"node{node}" for node in range(_NODES))
_CELL_SIZE = len(_CELL_INPUTS) + 3 * _NODES


def _decisions() -> tuple[Decision, ...]:
    decisions = []
    for cell in DARTS_CELLS:
        for node, pairs in enumerate(_INPUT_PAIRS):
            if len(pairs) > 1:
                names = tuple(f"{first},{second}" for first, second in pairs)
                decisions.append(Decision(f"{cell}.node{node}.inputs", names))
            decisions += [
                Decision(f"{cell}.node{node}.operation{which}", DARTS_OPERATIONS)
                for which in (1, 2)
            ]
    return tuple(decisions)


def _vocabulary() -> tuple[str, ...]:
    kinds = (*_CELL_INPUTS, *_SUMS, *DARTS_OPERATIONS[1:])
    return (
        "padding",
        "input",
        "output",
        *(f"{cell}.{kind}" for cell in DARTS_CELLS for kind in kinds),
    )


def _cell_pattern(cell: str) -> str:
    """Return how the nodes of a cell are written, the predecessors of each in ascending order."""
    nodes = []
    for node, pairs in enumerate(_INPUT_PAIRS):
        place = f"{cell}.node{node}"
        is_chosen = len(pairs) > 1
        sources = [
            f"{{{place}.inputs:{which}}}" if is_chosen else str(which - 1) for which in (1, 2)
        ]
        nodes.append(f"|{{{place}.operation1}}~{sources[0]}|{{{place}.operation2}}~{sources[1]}|")
    return "+".join(nodes)


class DartsSpace(SearchSpace):
    """Pairs of cells (appendix E): every node sums two operations on two different predecessors.

    A predecessor is one of the cell's two inputs (0: the cell before the last, 1: the last cell)
    or an earlier node (2, 3, 4); the cell's output is the concatenation of its four nodes.

    In the architecture graph both cells hang between one input and one output. Each has a node for
    each of its two inputs, for each operation and for each sum: which operations are added, rather
    than concatenated, is a part of the architecture. The sums are told apart, since a supernet has
    weights of its own for each. `none` is no node at all.

    Text: `normal:|op~0|op~1|+|op~0|op~2|+...+... reduction:...`, the predecessors of a node in
    ascending order. `parse` also takes the `Genotype(normal=[...], ...)` of the DARTS code.

    Args:
        layout: the network that is built of the cells; `costs` are counted on it.
    """

    name = "darts"
    decisions = _decisions()
    vocabulary = _vocabulary()
    nodes = 2 + 2 * _CELL_SIZE
    text = " ".join(f"{cell}:{_cell_pattern(cell)}" for cell in DARTS_CELLS)

    def __init__(self, layout: DartsLayout | None = None) -> None:
        self.layout = layout or DartsLayout()

    def edges(self, batch: ArchitectureBatch) -> tuple[Int64Array, Int64Array]:
        """Return what the nodes of both cells read and do.

        Args:
            batch: N architectures of this space.

        Returns:
            Two arrays int64 [N, 2, 4, 2] over cell type (`DARTS_CELLS`), node and its two
            operations: the predecessor that is read (0 and 1 are the cell's inputs, 2.. its nodes;
            ascending), and the operation, an index into `DARTS_OPERATIONS`.
        """
        self.check(batch)
        return _decode(batch.decisions)

    def genotype(self, batch: ArchitectureBatch) -> list[str]:
        """Return architectures as the `Genotype(normal=[...], ...)` text of the DARTS code."""
        inputs, operations = (array.tolist() for array in self.edges(batch))
        return [
            format_genotype(*(_edges_of_cell(*cell) for cell in zip(*row, strict=True)))
            for row in zip(inputs, operations, strict=True)
        ]

    def costs(self, batch: ArchitectureBatch) -> Costs:
        """Return multiply-adds and parameters of the networks that `layout` describes."""
        return darts_costs(self.layout, *self.edges(batch))

    def cheapest(self) -> ArchitectureBatch:
        """Return one architecture with the fewest multiply-adds.

        The cost of a cell is the sum over its operations, so that each can be chosen by itself.
        """
        row = np.zeros((1, len(self.decisions)), dtype=np.int16)
        for place, decision in enumerate(self.decisions):
            tried = np.repeat(row, len(decision), axis=0)
            tried[:, place] = np.arange(len(decision))
            row[:, place] = self.costs(self.batch(tried)).madds.argmin()
        return self.batch(row)

    def _tables(self) -> SpaceTables:
        tables = SpaceTables()
        tables.node(INPUT)
        sums = [
            total
            for cell, name in enumerate(DARTS_CELLS)
            for total in _add_cell(tables, name, cell * _HALF)
        ]
        output = tables.node(OUTPUT)
        for total in sums:
            tables.edge(total, output)
        return tables

    def _parse_one(self, text: str) -> Sequence[int]:
        stripped = text.strip()
        if stripped.startswith("Genotype"):
            return [
                choice
                for cell in parse_genotype(stripped)
                for node in range(_NODES)
                for choice in _node_choices(cell[2 * node : 2 * node + 2], node)
            ]
        normal, separator, reduction = stripped.partition(" reduction:")
        if not separator or not normal.startswith("normal:"):
            raise ArchitectureError(
                f"cells are written normal:... reduction:... or Genotype(...), not {text!r}"
            )
        return [*_parse_cell(normal.removeprefix("normal:")), *_parse_cell(reduction)]


def _decode(decisions: Int16Array) -> tuple[Int64Array, Int64Array]:
    """Return predecessors and operations, int64 [N, 2, 4, 2] each."""
    inputs = np.empty((len(decisions), 2, _NODES, 2), dtype=np.int64)
    operations = np.empty_like(inputs)
    cells = decisions.reshape(len(decisions), 2, _HALF).astype(np.int64)
    for node, columns in enumerate(_COLUMNS):
        inputs[:, :, node] = np.array(_INPUT_PAIRS[node])[
            cells[:, :, columns.start] if len(_INPUT_PAIRS[node]) > 1 else 0
        ]
        operations[:, :, node] = cells[:, :, columns.stop - 2 : columns.stop]
    return inputs, operations


def _columns() -> tuple[slice, ...]:
    """Return which columns of a cell's half of a row belong to each node."""
    columns, start = [], 0
    for pairs in _INPUT_PAIRS:
        stop = start + 2 + (len(pairs) > 1)
        columns.append(slice(start, stop))
        start = stop
    return tuple(columns)


_COLUMNS = _columns()
_HALF = _COLUMNS[-1].stop


def _add_cell(tables: SpaceTables, cell: str, first_column: int) -> list[int]:
    """Add the nodes of a cell and the edges between them and from the input; return its sums."""
    ids = {name: index for index, name in enumerate(DartsSpace.vocabulary)}
    # The graph nodes that stand for predecessor 0, 1 (inputs) and 2.. (sums).
    sources = [tables.node(ids[f"{cell}.{kind}"]) for kind in _CELL_INPUTS]
    for source in sources:
        tables.edge(0, source)
    operations = (PADDING, *(ids[f"{cell}.{name}"] for name in DARTS_OPERATIONS[1:]))
    for node, pairs in enumerate(_INPUT_PAIRS):
        columns = _COLUMNS[node]
        places = []
        for which in (0, 1):
            column = first_column + columns.stop - 2 + which
            place = tables.node(ChoiceTable((column,), operations))
            for predecessor, source in enumerate(sources):
                reads = tuple(int(pair[which] == predecessor) for pair in pairs)
                if any(reads):
                    pair_column = (first_column + columns.start,) if len(pairs) > 1 else ()
                    tables.edge(source, place, ChoiceTable(pair_column, reads))
            places.append(place)
        total = tables.node(ids[f"{cell}.{_SUMS[node]}"])
        for place in places:
            tables.edge(place, total)
        sources.append(total)
    return sources[len(_CELL_INPUTS) :]


def _edges_of_cell(inputs: list[list[int]], operations: list[list[int]]) -> list[Edge]:
    """Return a decoded cell as its eight (operation, predecessor) pairs."""
    return [
        (DARTS_OPERATIONS[operation], source)
        for node in zip(operations, inputs, strict=True)
        for operation, source in zip(*node, strict=True)
    ]


def _parse_cell(text: str) -> list[int]:
    """Return one cell's half of a row."""
    parts = split_nodes(text, _NODES)
    return [choice for node, part in enumerate(parts) for choice in _parse_part(part, node)]


def _parse_part(text: str, node: int) -> tuple[int, ...]:
    return _node_choices(parse_node(text), node)


def _node_choices(edges: Sequence[Edge], node: int) -> tuple[int, ...]:
    """Return the choices that make up one node: the pair of inputs if there is one, operations."""
    if len(edges) != 2:
        raise ArchitectureError(f"node {node} has two operations, not {len(edges)}")
    (first, source1), (second, source2) = sorted(edges, key=lambda edge: edge[1])
    pairs = _INPUT_PAIRS[node]
    if (source1, source2) not in pairs:
        raise ArchitectureError(
            f"node {node} reads two different predecessors out of 0..{node + 1}, "
            f"not {source1} and {source2}"
        )
    operations = tuple(operation_index(name, DARTS_OPERATIONS) for name in (first, second))
    return (pairs.index((source1, source2)), *operations) if len(pairs) > 1 else operations
