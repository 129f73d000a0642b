"""Drawings of architectures as SVG that stands alone or inside a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from ctnas.architecture import INPUT, OUTPUT, PADDING
from ctnas.report.layout import Layout, layered_layout, longest_path_layers
from ctnas.report.templates import render
from ctnas.spaces.descriptor import find_descriptor, resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.report.layout import Edge, Point, Route, Size
    from ctnas.spaces import SearchSpace
    from ctnas.spaces.drawn_cell import DrawnCell

_MARGIN = 10.0
_NEGLIGIBLE = 0.05
_LETTER = 7.3
"""Width of a letter of the font of operations, in pixels."""
_OPERATION_HEIGHT = 26.0
_STATE = (36.0, 36.0)
_CELL_INPUT = (52.0, 36.0)
_WIDE_LAYERS = 8
"""A graph of more layers than this runs downward, so that it fits on a page."""


_GRAPH_CAPTION = "Nodes are operations, edges are the flow of information (Fig. 3)."


@dataclass(frozen=True, slots=True)
class Drawing:
    """One _picture.

    Attributes:
        title: what it shows.
        caption: how to read it.
        svg: the _picture; escaped, so that it may stand in a page as it is.
    """

    title: str
    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class _Node:
    """A node to draw: its text, an index below it, its look (a CSS class) and its size."""

    text: str
    look: str
    size: Size
    index: str = ""


def draw_architecture(space: SearchSpace, architecture: ArchitectureBatch) -> list[Drawing]:
    """Draw one architecture.

    As its space draws it, such as cells with the operations on the edges (Figure C), or else its
    architecture graph (Fig. 3).

    Args:
        space: the search space.
        architecture: a batch of one.

    Returns:
        The drawings that together show it.
    """
    described = find_descriptor(space.name)
    if described is not None and described.drawing is not None:
        return [_draw_cell(cell) for cell in resolved(described.drawing)(space, architecture)]
    return [_draw_graph(space, architecture)]


def _draw_cell(cell: DrawnCell) -> Drawing:
    width = max(_operation_width(text) for kind, text, _ in cell.nodes if kind == "operation")
    sizes = {"input": _CELL_INPUT, "state": _STATE, "operation": (width, _OPERATION_HEIGHT)}
    nodes = [
        _Node(text, _family(text) if kind == "operation" else "state", sizes[kind], index)
        for kind, text, index in cell.nodes
    ]
    layout = layered_layout(
        [node.size for node in nodes], cell.edges, cell.layers, layer_gap=34.0, node_gap=12.0
    )
    return Drawing(cell.title, cell.caption, _picture(cell.title, nodes, layout, cell.looks))


def _draw_graph(space: SearchSpace, architecture: ArchitectureBatch) -> Drawing:
    graph = space.graphs(architecture)
    there = np.flatnonzero(graph.operations[0] != PADDING)
    operations = graph.operations[0][there].tolist()
    edges: list[Edge] = [
        (int(source), int(target))
        for source, target in np.argwhere(graph.adjacency[0][np.ix_(there, there)])
    ]
    nodes = [_operation_node(space.vocabulary[operation], operation) for operation in operations]
    layers = longest_path_layers(len(nodes), edges)
    downward = max(layers, default=0) >= _WIDE_LAYERS
    sizes = [node.size[::-1] if downward else node.size for node in nodes]
    layout = layered_layout(sizes, edges, layers, layer_gap=30.0, node_gap=16.0)
    title = "architecture graph"
    looks = ["flow arrow"] * len(edges)
    svg = _picture(title, nodes, layout.turned() if downward else layout, looks, downward)
    return Drawing(title, _GRAPH_CAPTION, svg)


def _operation_node(name: str, operation: int) -> _Node:
    look = "state" if operation in (INPUT, OUTPUT) else _family(name)
    return _Node(name, look, (_operation_width(name), _OPERATION_HEIGHT))


def _operation_width(name: str) -> float:
    """Return how wide the box of an operation of that name is, in pixels."""
    return len(name) * _LETTER + 20.0


def _family(operation: str) -> str:
    """Return the CSS class of an operation, after what kind it is."""
    for part, look in (
        ("none", "absent"),
        ("dil_conv", "dilated"),
        ("pool", "pooling"),
        ("conv", "convolution"),
        ("skip", "identity"),
    ):
        if part in operation:
            return look
    return "other"


def _picture(
    title: str,
    nodes: Sequence[_Node],
    layout: Layout,
    looks: Sequence[str],
    downward: bool = False,
) -> str:
    """Return nodes and edges as SVG.

    Args:
        title: what it shows.
        nodes: what is drawn.
        layout: where.
        looks: the CSS classes of each edge.
        downward: whether edges lead down in place of right.
    """
    boxes = [
        {
            "text": node.text,
            "index": node.index,
            "look": node.look,
            "x": round(x - node.size[0] / 2 + _MARGIN, 1),
            "y": round(y - node.size[1] / 2 + _MARGIN, 1),
            "width": round(node.size[0], 1),
            "height": round(node.size[1], 1),
        }
        for node, (x, y) in zip(nodes, layout.centers, strict=True)
    ]
    lines = [
        {"path": _path(route, downward), "look": look}
        for route, look in zip(layout.routes, looks, strict=True)
    ]
    return render(
        "drawing.svg.j2",
        title=title,
        # A page may have several drawings, and the marker of a hidden one cannot be referred to.
        arrow=f"arrow-{crc32(repr((boxes, lines)).encode()):08x}",
        boxes=boxes,
        # What is faint lies below.
        lines=sorted(lines, key=lambda line: "flow" in line["look"]),
        width=round(layout.width + 2 * _MARGIN, 1),
        height=round(layout.height + 2 * _MARGIN, 1),
    )


def _path(route: Route, downward: bool) -> str:
    """Return the straight pieces of an edge, joined by curves that leave and arrive straight."""
    axis = 1 if downward else 0
    commands = []
    last: Point | None = None
    for start, end in route:
        if last is None:
            commands.append(f"M{_shown(start)}")
        else:
            near, far = [*last], [*start]
            near[axis] = far[axis] = (last[axis] + start[axis]) / 2
            commands.append(f"C{_shown(near)} {_shown(far)} {_shown(start)}")
        if abs(end[axis] - start[axis]) > _NEGLIGIBLE:
            commands.append(f"L{_shown(end)}")
        last = end
    return "".join(commands)


def _shown(point: Sequence[float]) -> str:
    return f"{point[0] + _MARGIN:.1f} {point[1] + _MARGIN:.1f}"
