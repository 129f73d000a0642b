"""Spaces of decisions without any wiring."""

from itertools import product

import numpy as np
import pytest

import ctnas
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.testing import check_space

DECISIONS = {"depth": [1, 2, 3], "width1": [16, 24], "width2": [16, 24], "op3": ["a", "b", "c"]}
ACTIVE = {"width2": {"depth": [2, 3]}, "op3": {"depth": 3, "width2": 24}}


@pytest.fixture
def space():
    return ctnas.DecisionSpace("mine", DECISIONS, active=ACTIVE)


def test_decision_spaces_keep_every_invariant(space):
    check_space(space)
    check_space(ctnas.DecisionSpace("plain", {"width": [16, 24, 32], "op": ["a", "b"]}))
    deep = {f"width{layer}": [8, 16, 24, 32, 48, 64, 96] for layer in range(12)}
    active = {f"width{layer}": {"depth": list(range(layer, 13))} for layer in range(1, 12)}
    check_space(ctnas.DecisionSpace("deep", {"depth": list(range(1, 13)), **deep}, active=active))


def test_graph_is_the_chain_of_the_active_decisions(space):
    graphs = space.graphs(space.parse(["depth=2,width1=16,width2=16"]))
    names = [space.vocabulary[id_] for id_ in graphs.operations[0] if id_]
    assert names == ["input", "depth=2", "width1=16", "width2=16", "output"]
    assert np.argwhere(graphs.adjacency[0]).tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]


def test_a_decision_is_active_where_all_its_conditions_are(space):
    every = space.batch(np.array(list(product(range(3), range(2), range(2), range(3))), np.int16))
    depth, _, width2, _ = every.decisions.T
    expected = np.ones((len(every), 4), dtype=bool)
    expected[:, 2] = depth > 0
    expected[:, 3] = (depth == 2) & (width2 == 1)
    assert np.array_equal(space.active(every), expected)


def test_size_counts_what_differs(space):
    # Depth 1: 2; depth 2: 2 x 2; depth 3: 2 x (1 + 3).
    assert space.size == 2 + 4 + 8
    assert len(set(space.format(space.enumerate()))) == space.size


def test_inactive_decisions_may_say_anything(space):
    texts = ["depth=1,width1=24", "op3=b,width2=24,width1=24,depth=1"]
    batch = space.parse(texts)
    assert batch.decisions.tolist() == [[0, 1, 0, 0]] * 2
    assert space.format(batch) == [texts[0]] * 2


def test_every_architecture_of_a_conditional_space_can_be_drawn(space):
    drawn = space.sample(space.size, seed=0)
    assert sorted(space.format(drawn)) == sorted(space.format(space.enumerate()))


def test_numbers_are_read_however_they_are_written():
    space = ctnas.DecisionSpace("mine", {"width": [16, 24], "rate": [0.5, 1.0]})
    batch = space.parse(["width=16.0,rate=1", " rate = 5e-1 , width = 24 "])
    assert space.format(batch) == ["width=16,rate=1.0", "width=24,rate=0.5"]


def test_a_number_that_the_space_does_not_have_names_the_nearest(space):
    with pytest.raises(ArchitectureError, match=r"row 1: .*'width1' has no choice '20'.*nearest"):
        space.parse(["depth=1,width1=20"])


def test_a_missing_active_decision_is_named(space):
    with pytest.raises(ArchitectureError, match="decision 'width2' is missing"):
        space.parse(["depth=2,width1=16"])


@pytest.mark.parametrize(
    ("active", "message"),
    [
        ({"width9": {"depth": 1}}, "'width9' is active when: there is no decision 'width9'"),
        ({"op3": {"deep": 1}}, "'op3' is active when: there is no decision 'deep'"),
        ({"op3": {"depth": [3, 4]}}, "'op3' is active when: .*'depth' has no choice 4"),
        ({"op3": {"width2": 16}, "width2": {"op3": "a"}}, "because of each other: op3, width2"),
    ],
)
def test_conditions_that_cannot_be_are_refused(active, message):
    with pytest.raises(SpaceError, match=message):
        ctnas.DecisionSpace("mine", DECISIONS, active=active)


def test_depth_of_the_mobilenet_space_decides_what_is_active():
    space = ctnas.get_space("mobilenetv3")
    active = space.active(space.cheapest()).reshape(5, 9)
    assert active[:, :5].all()
    assert not active[:, 5:].any()


def test_other_spaces_always_mean_every_decision():
    space = ctnas.get_space("nasbench201")
    assert space.active(space.sample(10, seed=0)).all()
