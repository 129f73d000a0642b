"""The NAS-Bench-201 space: one cell of four nodes, an operation on each of its six edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.architecture import INPUT, OUTPUT, PADDING
from ctnas.errors import ArchitectureError
from ctnas.spaces.cell_text import operation_index, parse_node, split_nodes
from ctnas.spaces.decision import Decision
from ctnas.spaces.space import SearchSpace
from ctnas.spaces.tables import ChoiceTable, SpaceTables

if TYPE_CHECKING:
    from collections.abc import Sequence

NASBENCH201_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""The choices of every decision, in order."""

NASBENCH201_EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""The (source, target) nodes of every decision, in order."""

_LAST_NODE = 3


class NasBench201Space(SearchSpace):
    """15,625 cells: every edge (source, target) of a complete DAG of four nodes has an operation.

    In the architecture graph the operations are nodes: the operation on edge (i, j) feeds those on
    all edges (j, k), and the output where j is the last node. `none` is no node at all.

    Text is that of the benchmark: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.

    Source: Dong and Yang, "NAS-Bench-201", ICLR 2020.
    """

    name = "nasbench201"
    decisions = tuple(
        Decision(f"node{target}.operation{source}", NASBENCH201_OPERATIONS)
        for source, target in NASBENCH201_EDGES
    )
    vocabulary = ("padding", "input", "output", *NASBENCH201_OPERATIONS[1:])
    nodes = len(NASBENCH201_EDGES) + 2
    identities = ("skip_connect",)
    text = "+".join(
        f"|{'|'.join(f'{{node{node}.operation{source}}}~{source}' for source in range(node))}|"
        for node in range(1, _LAST_NODE + 1)
    )

    def _tables(self) -> SpaceTables:
        tables = SpaceTables()
        tables.node(INPUT)
        for column in range(len(NASBENCH201_EDGES)):
            tables.node(ChoiceTable((column,), _OPERATION_IDS))
        output = tables.node(OUTPUT)
        for node, (source, target) in enumerate(NASBENCH201_EDGES, start=1):
            if source == 0:
                tables.edge(0, node)
            for successor, (successor_source, _) in enumerate(NASBENCH201_EDGES, start=1):
                if target == successor_source:
                    tables.edge(node, successor)
            if target == _LAST_NODE:
                tables.edge(node, output)
        return tables

    def _parse_one(self, text: str) -> Sequence[int]:
        parts = split_nodes(text, _LAST_NODE)
        return [
            choice for node, part in enumerate(parts, start=1) for choice in _parse_part(part, node)
        ]


_OPERATION_IDS = (PADDING, 3, 4, 5, 6)


def _parse_part(text: str, node: int) -> tuple[int, ...]:
    """Return the choices on the edges into one node."""
    edges = parse_node(text)
    sources = [source for _, source in edges]
    if sources != list(range(node)):
        raise ArchitectureError(
            f"node {node} reads predecessors {', '.join(map(str, range(node)))} in this order, "
            f"not {', '.join(map(str, sources))}: {text!r}"
        )
    return tuple(operation_index(operation, NASBENCH201_OPERATIONS) for operation, _ in edges)
