import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch, GraphBatch, Int16Array
from ctnas.report import Drawing, draw_architecture
from ctnas.spaces import DartsSpace, Decision, NasBench201Space, SearchSpace

SVG = "{http://www.w3.org/2000/svg}"
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


class ChainSpace(SearchSpace):
    """A chain of nodes with an operation whose name is not harmless."""

    name = "chain"
    decisions = (Decision("only", ("one",)),)
    vocabulary = ("padding", "input", "output", "<script>alert(1)</script>")

    def __init__(self, length: int) -> None:
        self.nodes = length

    def _wire(self, decisions: Int16Array) -> GraphBatch:
        operations = np.array([[1, *[3] * (self.nodes - 2), 2]] * len(decisions), dtype=np.int64)
        adjacency = np.array([np.eye(self.nodes, k=1)] * len(decisions), dtype=np.uint8)
        return GraphBatch(adjacency, operations)

    def _format_one(self, row: Sequence[int]) -> str:
        return self.decisions[0].choices[row[0]]

    def _parse_one(self, text: str) -> Sequence[int]:
        return [self.decisions[0].choices.index(text)]


def draw(space: SearchSpace, text: str) -> list[Drawing]:
    return draw_architecture(space, space.parse([text]))


def texts(drawing: Drawing) -> list[str]:
    root = ET.fromstring(drawing.svg)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_best_known_cells_show_every_operation_and_node() -> None:
    normal, reduction = draw(DartsSpace(), DARTS_V2)
    assert normal.title == "normal cell"
    assert reduction.title == "reduction cell"
    assert Counter(texts(normal)) == Counter(
        {"sep_conv_3x3": 5, "skip_connect": 2, "dil_conv_3x3": 1}
        | dict.fromkeys(["0", "1", "2", "3", "ck"], 1)
        | {"ck\N{MINUS SIGN}2": 1, "ck\N{MINUS SIGN}1": 1}
    )
    assert Counter(texts(reduction))["max_pool_3x3"] == 5


def test_every_edge_of_a_cell_is_drawn() -> None:
    for drawing in draw(DartsSpace(), DARTS_V2):
        root = ET.fromstring(drawing.svg)
        looks = Counter(path.get("class") for path in root.findall(f"{SVG}path"))
        assert looks == {"flow": 8, "flow arrow": 8, "concat arrow": 4}


def test_none_is_drawn_as_absent() -> None:
    space = DartsSpace()
    text = space.format(space.parse([DARTS_V2]))[0].replace("skip_connect~0", "none~0", 1)
    normal, _ = draw(space, text)
    root = ET.fromstring(normal.svg)
    (absent,) = (group for group in root.iter(f"{SVG}g") if group.get("class") == "absent")
    assert "".join(absent.itertext()) == "none"
    assert {"absent", "absent arrow"} <= {path.get("class") for path in root.iter(f"{SVG}path")}


@pytest.mark.parametrize("seed", range(8))
def test_boxes_lie_apart_and_inside_the_picture(seed: int) -> None:
    space = DartsSpace()
    for drawing in draw_architecture(space, space.sample(1, seed=seed)):
        root = ET.fromstring(drawing.svg)
        boxes = [
            [float(rect.get(side, "nan")) for side in ("x", "y", "width", "height")]
            for rect in root.iter(f"{SVG}rect")
        ]
        assert len(boxes) == 2 + 4 + 8 + 1
        for number, (x, y, width, height) in enumerate(boxes):
            assert min(x, y) >= 0
            assert x + width <= float(root.get("width", "nan"))
            assert y + height <= float(root.get("height", "nan"))
            for other_x, other_y, other_width, other_height in boxes[:number]:
                aside = x >= other_x + other_width or other_x >= x + width
                assert aside or y >= other_y + other_height or other_y >= y + height


def test_other_spaces_show_their_architecture_graph() -> None:
    space = NasBench201Space()
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
    (drawing,) = draw(space, text)
    assert drawing.title == "architecture graph"
    shown = ["avg_pool_3x3", "input", "nor_conv_1x1", "nor_conv_3x3", "output", "skip_connect"]
    assert sorted(texts(drawing)) == shown
    root = ET.fromstring(drawing.svg)
    assert len(root.findall(f"{SVG}path")) == 6


@pytest.mark.parametrize(("length", "downward"), [(5, False), (30, True)])
def test_long_graphs_run_downward(length: int, downward: bool) -> None:
    (drawing,) = draw(ChainSpace(length), "one")
    root = ET.fromstring(drawing.svg)
    assert (float(root.get("height", "nan")) > float(root.get("width", "nan"))) == downward


def test_names_of_operations_stay_text() -> None:
    (drawing,) = draw(ChainSpace(4), "one")
    assert "<script" not in drawing.svg
    assert texts(drawing).count("<script>alert(1)</script>") == 2


def test_drawings_of_one_page_do_not_share_names() -> None:
    space = DartsSpace()
    svgs = [
        drawing.svg
        for seed in range(3)
        for drawing in draw_architecture(space, space.sample(1, seed=seed))
    ]
    names = [name for svg in svgs for name in re.findall(r' id="([^"]+)"', svg)]
    assert len(names) == len(set(names)) == 6


def test_same_architecture_gives_the_same_bytes() -> None:
    space = DartsSpace()
    batch: ArchitectureBatch = space.sample(1, seed=3)
    assert draw_architecture(space, batch) == draw_architecture(space, batch)
