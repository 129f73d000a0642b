"""A built-in space is one folder: nothing outside of it names it."""

import ast
import sys
from pathlib import Path

import pytest

import ctnas
from ctnas import spaces
from ctnas.errors import SpaceError
from ctnas.retraining.architecture import retrained_spaces
from ctnas.spaces import descriptor
from ctnas.supernet.layouts import make_layout, space_of_layout, supernet_spaces
from ctnas.testing import check_space

ROOT = Path(ctnas.__file__).parent
NAMES = ("darts", "mobilenetv3", "nasbench101", "nasbench201")
SPACE = """
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.drawn_cell import DrawnCell


class Layout:
    def __init__(self, cells):
        self.cells = cells


class TinySpace(DecisionSpace):
    def __init__(self, layout=None):
        super().__init__("tiny", {"width": [16, 24], "op": ["a", "b"]})
        self.layout = layout


def draw(space, architecture):
    del architecture
    return [DrawnCell(space.name, "caption", [("operation", "conv", "")], [0])]


def genotype(space, architecture):
    return [f"Tiny({text})" for text in space.format(architecture)]
"""
DESCRIPTOR = """
from ctnas.spaces.descriptor import RetrainingDescriptor, SpaceDescriptor, SupernetDescriptor

DESCRIPTOR = SpaceDescriptor(
    name="tiny",
    space="ctnas.spaces.tiny.space:TinySpace",
    supernet=SupernetDescriptor(
        network="ctnas.spaces.tiny.space:Layout",
        layout="ctnas.spaces.tiny.space:Layout",
        layout_decides_costs=True,
    ),
    retraining=RetrainingDescriptor(build="ctnas.spaces.tiny.space:Layout", cells=1, channels=2),
    drawing="ctnas.spaces.tiny.space:draw",
    genotype="ctnas.spaces.tiny.space:genotype",
)
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Add the folder of a space, and nothing else."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "space.py").write_text(SPACE)
    (folder / "descriptor.py").write_text(DESCRIPTOR)
    monkeypatch.setattr(spaces, "__path__", [*spaces.__path__, str(tmp_path)])
    descriptor._descriptors.cache_clear()
    yield
    descriptor._descriptors.cache_clear()
    for name in [name for name in sys.modules if name.startswith("ctnas.spaces.tiny")]:
        del sys.modules[name]


@pytest.mark.usefixtures("tiny")
def test_a_new_space_is_one_new_folder():
    from ctnas.report.drawing import draw_architecture
    from ctnas.retraining.architecture import describe, read_architecture

    assert spaces.space_names() == sorted([*NAMES, "tiny"])
    space = ctnas.get_space("tiny")
    check_space(space)
    assert type(space) is spaces.TinySpace
    assert "tiny" in supernet_spaces()
    assert "tiny" in retrained_spaces()
    layout = make_layout("tiny", cells=3)
    assert space_of_layout("tiny", layout).layout.cells == 3
    one = read_architecture("width=24,op=a")
    assert describe(one) == ["tiny: width=24,op=a", "Tiny(width=24,op=a)"]
    (drawing,) = draw_architecture(space, one)
    assert (drawing.title, drawing.caption) == ("tiny", "caption")
    assert "conv" in drawing.svg


def test_an_unknown_space_names_those_that_exist():
    with pytest.raises(SpaceError, match="unknown search space 'tiny'; known are darts, mobile"):
        ctnas.get_space("tiny")
    with pytest.raises(AttributeError, match="no attribute 'TinySpace'"):
        _ = spaces.TinySpace


# A rule of the core's own.
NAMED_STILL = {"spaces/tables.py"}


def words_of(path):
    """Yield the names, modules and short texts of a file, but not what it says in sentences."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(module)):
                yield module
            case ast.Constant(value=str(text)) if " " not in text:
                yield text


def test_no_file_outside_its_folder_names_a_space():
    naming = set()
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        in_folder = place.startswith(tuple(f"spaces/{name}/" for name in NAMES))
        if in_folder or place.startswith("benchmarks/"):
            continue
        if any(name in word.lower() for word in words_of(path) for name in NAMES):
            naming.add(place)
    assert naming == NAMED_STILL
