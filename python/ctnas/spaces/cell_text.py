"""Cells as text, node by node: `|conv~0|+|conv~0|pool~1|`, each operation with what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Sequence

Edge: TypeAlias = tuple[str, int]
"""An operation and the index of the predecessor that it reads."""


def parse_node(text: str) -> list[Edge]:
    """Return the operations of one node, `|name~predecessor|name~predecessor|`.

    Raises:
        ArchitectureError: if bars or a predecessor are missing; the message names the part.
    """
    stripped = text.strip()
    if len(stripped) < 2 or stripped[0] != "|" or stripped[-1] != "|":
        raise ArchitectureError(f"a node is written |operation~predecessor|..., not {text!r}")
    return [_parse_edge(part) for part in stripped[1:-1].split("|")]


def split_nodes(text: str, nodes: int) -> list[str]:
    """Return the parts of a cell between the plus signs, one a node.

    Raises:
        ArchitectureError: if there are not exactly `nodes` of them.
    """
    parts = text.strip().split("+")
    if len(parts) != nodes:
        raise ArchitectureError(
            f"a cell has {nodes} nodes separated by '+', not {len(parts)}: {text!r}"
        )
    return parts


def operation_index(operation: str, operations: Sequence[str]) -> int:
    """Return the index of an operation.

    Raises:
        ArchitectureError: if it is not one of `operations`; the message lists them.
    """
    if operation not in operations:
        raise ArchitectureError(
            f"unknown operation {operation!r}; allowed are {', '.join(operations)}"
        )
    return operations.index(operation)


def _parse_edge(part: str) -> Edge:
    operation, separator, source = part.partition("~")
    # A number is written in one way only: no sign, no leading zero.
    if not separator or not source.isascii() or not source.isdigit() or source != str(int(source)):
        raise ArchitectureError(f"an operation is written operation~predecessor, not {part!r}")
    return operation, int(source)
