"""DARTS cells as drawings for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.report.drawing import (
    OPERATION_HEIGHT,
    STATE,
    Drawing,
    DrawnNode,
    operation_look,
    operation_width,
    picture,
)
from ctnas.report.layout import layered_layout
from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.space import DARTS_CELLS

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.report.layout import Edge
    from ctnas.spaces.darts.space import DartsSpace

_CELL_INPUT = (52.0, 36.0)
_CELL_CAPTION = (
    "The cell reads the outputs of the two cells before it; every numbered node adds two "
    "operations, and the gray lines lead to the concatenation of all nodes."
)


def draw_cells(space: DartsSpace, architecture: ArchitectureBatch) -> list[Drawing]:
    """Draw the two cells of an architecture as in Figure C: operations stand on the edges."""
    inputs, operations = space.edges(architecture)
    return [
        _draw_cell(f"{name} cell", inputs[0, cell].tolist(), operations[0, cell].tolist())
        for cell, name in enumerate(DARTS_CELLS)
    ]


def _draw_cell(title: str, inputs: list[list[int]], operations: list[list[int]]) -> Drawing:
    """Draw one DARTS cell from its predecessors and operations, [4, 2] each."""
    width = max(operation_width(DARTS_OPERATIONS[o]) for pair in operations for o in pair)
    nodes = [
        DrawnNode("c", "state", _CELL_INPUT, "k\N{MINUS SIGN}2"),
        DrawnNode("c", "state", _CELL_INPUT, "k\N{MINUS SIGN}1"),
        *(DrawnNode(str(node), "state", STATE) for node in range(len(inputs))),
    ]
    layers = _cell_layers(inputs)
    edges: list[Edge] = []
    looks: list[str] = []
    for node, (sources, chosen) in enumerate(zip(inputs, operations, strict=True), start=2):
        for source, operation in zip(sources, chosen, strict=True):
            name = DARTS_OPERATIONS[operation]
            look = "absent" if name == "none" else "flow"
            edges += [(source, len(nodes)), (len(nodes), node)]
            looks += [look, f"{look} arrow"]
            nodes.append(DrawnNode(name, operation_look(name), (width, OPERATION_HEIGHT)))
            layers.append(layers[node] - 1)
    edges += [(node, len(nodes)) for node in range(2, 2 + len(inputs))]
    looks += ["concat arrow"] * len(inputs)
    nodes.append(DrawnNode("c", "state", STATE, "k"))
    layers.append(max(layers) + 1)
    layout = layered_layout(
        [node.size for node in nodes], edges, layers, layer_gap=34.0, node_gap=12.0
    )
    return Drawing(title, _CELL_CAPTION, picture(title, nodes, layout, looks))


def _cell_layers(inputs: list[list[int]]) -> list[int]:
    """Return the layers of cell inputs and nodes; between them are layers for operations."""
    layers = [0, 0]
    for sources in inputs:
        layers.append(max(layers[source] for source in sources) + 2)
    return layers
