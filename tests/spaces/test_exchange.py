"""Spaces that travel as text."""

import json

import numpy as np
import pytest

import ctnas
from ctnas.errors import SpaceError
from ctnas.spaces import declaration_text, space_of_declaration
from ctnas.testing import check_space

WIDTHS = ctnas.DecisionSpace(
    "widths",
    {"depth": [1, 2], "width1": [16, 24], "rate": [0.5, 1.0], "width2": [16, 24]},
    active={"width2": {"depth": 2}},
)


def wire(choice):
    nodes = ["input", {"op": choice["op"], "width": choice["width"]}, "output"]
    edges = [(0, 1), (1, 2)]
    return nodes, [*edges, (0, 2)] if choice["shortcut"] == "yes" else edges


FIELDS = ctnas.GraphSpace(
    "fields", {"op": ["a", "b"], "width": [16, 24], "shortcut": ["yes", "no"]}, wire
)


@pytest.mark.parametrize("space", [WIDTHS, FIELDS], ids=lambda space: space.name)
def test_a_space_is_the_same_after_it_travelled(space):
    again = space_of_declaration(declaration_text(space))
    assert (again.name, again.decisions) == (space.name, space.decisions)
    assert (again.vocabulary, again.nodes) == (space.vocabulary, space.nodes)
    assert again.identities == space.identities
    assert again.size == space.size
    check_space(again)
    batch = space.enumerate()
    assert again.enumerate() == batch
    ours, theirs = space.graphs(batch), again.graphs(batch)
    assert np.array_equal(ours.adjacency, theirs.adjacency)
    assert np.array_equal(ours.operations, theirs.operations)
    assert np.array_equal(space.active(batch), again.active(batch))
    assert declaration_text(again) == declaration_text(space)


def test_operations_have_fields():
    assert "op=a,width=16" in FIELDS.vocabulary


def test_built_in_spaces_declare_how_they_are_written():
    declared = json.loads(declaration_text(ctnas.get_space("mobilenetv3")))
    assert declared["text"] == ctnas.get_space("mobilenetv3").text
    assert declared["active"]["unit1.layer3.kernel"] == {"unit1.depth": [3, 4]}
    assert declaration_text(ctnas.get_space("nasbench101")) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 3}, "declared in form 3: a newer ctnas can read that"),
        ({"nodes": [[9, -1]]}, "damaged"),
        ({"decisions": {"op": [1, "a"]}}, "'a' does not fit"),
        ({"vocabulary": ["padding", "input", "output"]}, "an operation that it does not name"),
        ({"edges": [[1, 0]]}, "damaged"),
    ],
)
def test_damaged_declarations_are_refused(change, message):
    content = json.loads(declaration_text(FIELDS)) | change
    with pytest.raises(SpaceError, match=message):
        space_of_declaration(json.dumps(content))
    with pytest.raises(SpaceError, match="damaged"):
        space_of_declaration("{")
