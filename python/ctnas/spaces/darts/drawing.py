"""What a drawing of DARTS cells shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.space import DARTS_CELLS
from ctnas.spaces.drawn_cell import DrawnCell

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch
    from ctnas.spaces.darts.space import DartsSpace

_CAPTION = (
    "The cell reads the outputs of the two cells before it; every numbered node adds two "
    "operations, and the gray lines lead to the concatenation of all nodes."
)


def draw_cells(space: DartsSpace, architecture: ArchitectureBatch) -> list[DrawnCell]:
    """Return the two cells of an architecture as in Figure C: operations stand on the edges."""
    inputs, operations = space.edges(architecture)
    return [
        _drawn(f"{name} cell", inputs[0, cell].tolist(), operations[0, cell].tolist())
        for cell, name in enumerate(DARTS_CELLS)
    ]


def _drawn(title: str, inputs: list[list[int]], operations: list[list[int]]) -> DrawnCell:
    """Draw one cell from its predecessors and operations, [4, 2] each."""
    cell = DrawnCell(title, _CAPTION, layers=_layers(inputs))
    cell.nodes = [("input", "c", f"k\N{MINUS SIGN}{back}") for back in (2, 1)]
    cell.nodes += [("state", str(node), "") for node in range(len(inputs))]
    for node, (sources, chosen) in enumerate(zip(inputs, operations, strict=True), start=2):
        for source, operation in zip(sources, chosen, strict=True):
            name = DARTS_OPERATIONS[operation]
            look = "absent" if name == "none" else "flow"
            cell.edges += [(source, len(cell.nodes)), (len(cell.nodes), node)]
            cell.looks += [look, f"{look} arrow"]
            cell.nodes.append(("operation", name, ""))
            cell.layers.append(cell.layers[node] - 1)
    cell.edges += [(node, len(cell.nodes)) for node in range(2, 2 + len(inputs))]
    cell.looks += ["concat arrow"] * len(inputs)
    cell.nodes.append(("state", "c", "k"))
    cell.layers.append(max(cell.layers) + 1)
    return cell


def _layers(inputs: list[list[int]]) -> list[int]:
    """Return the layers of cell inputs and nodes; between them are layers for operations."""
    layers = [0, 0]
    for sources in inputs:
        layers.append(max(layers[source] for source in sources) + 2)
    return layers
