"""Cells as a space wants them drawn; the report decides how they look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["input", "state", "operation"]


@dataclass(slots=True)
class DrawnCell:
    """One cell: what it has, in layers from left to right.

    Attributes:
        title: what it shows.
        caption: how to read it.
        nodes: what each node is, the text in it and an index to that.
        layers: of each node.
        edges: pairs of nodes.
        looks: of each edge: "flow" or "absent" where there is an operation, and "arrow"; "concat".
    """

    title: str
    caption: str
    nodes: list[tuple[Kind, str, str]] = field(default_factory=list)
    layers: list[int] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
