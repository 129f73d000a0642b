"""The MobileNetV3-like space: decisions, text forms, graphs and draws."""

import json
import re

import numpy as np
import pytest

import ctnas
from ctnas.errors import ArchitectureError
from ctnas.spaces import MobileNetV3Space
from ctnas.testing import check_space

SPACE = MobileNetV3Space()
DEPTHS = [2, 3, 2, 4, 2]
ACTIVE = [3, 5, 7, 7, 3, 5, 5, 3, 3, 5, 7, 3, 7]
TEXT = "k3e4-k5e4|k7e4-k7e4-k3e4|k5e4-k5e4|k3e4-k3e4-k5e4-k7e4|k3e4-k7e4"


def slots(values, padding):
    """Return one value for each of the 20 slots."""
    filled, values = [], iter(values)
    for depth in DEPTHS:
        filled += [next(values) for _ in range(depth)] + [padding] * (4 - depth)
    return filled


def test_space_keeps_every_invariant():
    check_space(ctnas.get_space("mobilenetv3"))


def test_size_is_the_paper_s_2e19():
    assert SPACE.size == (9**2 + 9**3 + 9**4) ** 5
    assert 2.1e19 < SPACE.size < 2.2e19
    assert len(SPACE.decisions) == 45


@pytest.mark.parametrize("write", [json.dumps, repr])
@pytest.mark.parametrize("padding", [None, 7])
def test_once_for_all_dict_is_the_same_architecture(write, padding):
    kernels = ACTIVE if padding is None else slots(ACTIVE, padding)
    ratios = [4] * 13 if padding is None else slots([4] * 13, 6)
    text = write({"d": DEPTHS, "ks": kernels, "e": ratios})
    assert SPACE.format(SPACE.parse([text])) == [TEXT]


def test_width_of_none_in_the_published_dict_is_no_choice():
    content = {"wid": None, "ks": ACTIVE, "e": [4] * 13, "d": DEPTHS}
    assert SPACE.format(SPACE.parse([repr(content)])) == [TEXT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k3e3-k3e3", "an architecture is written"),
        (TEXT.replace("k3e4-k5e4|", "k3e4|"), "2 to 4 layers"),
        (TEXT.replace("k7e4", "k9e4"), "a layer is written k{3,5,7}e{3,4,6}, not 'k9e4'"),
        ('{"d": [1, 2, 2, 2, 2], "ks": [3], "e": [3]}', "5 depths out of (2, 3, 4)"),
        ('{"d": [2, 2, 2, 2, 2], "ks": [3], "e": [3]}', "10 values (the active layers) or 20"),
        (repr({"d": DEPTHS, "ks": ACTIVE, "e": [5] * 13}), "e must be out of (3, 4, 6), not 5"),
        (repr({"d": DEPTHS, "ks": ACTIVE, "e": "3"}), "e must be a list of whole numbers"),
        (repr({"d": DEPTHS, "ks": ACTIVE}), "a once-for-all dict is written"),
        ("{1: __import__('os')}", "a once-for-all dict is written"),
    ],
)
def test_what_is_no_architecture_is_refused_by_name(text, message):
    with pytest.raises(ArchitectureError, match=re.escape(message)):
        SPACE.parse([text])


def test_graph_is_a_chain_of_the_layers_that_exist():
    graphs = SPACE.graphs(SPACE.parse([TEXT]))
    names = [SPACE.vocabulary[index] for index in graphs.operations[0]]
    first = ["unit1.layer1.k3.e4", "unit1.layer2.k5.e4", "unit2.layer1.k7.e4"]
    assert names[:4] == ["input", *first]
    assert names[13:15] == ["unit5.layer2.k7.e4", "output"]
    assert set(names[15:]) == {"padding"}
    assert np.argwhere(graphs.adjacency[0]).tolist() == [[node, node + 1] for node in range(14)]


def test_decisions_on_layers_that_do_not_exist_change_nothing():
    row = SPACE.parse([TEXT]).decisions
    other = row.copy()
    other[0, 5:9] = 2
    pair = SPACE.batch(np.concatenate([row, other]))
    assert SPACE.format(pair) == [TEXT] * 2
    assert SPACE.is_distinct(pair).tolist() == [True, False]
    assert np.ptp(SPACE.costs(pair).madds) == 0


def test_every_depth_kernel_and_expansion_is_drawn_equally_often():
    active, kernels, expansions = SPACE.layers(SPACE.sample(3000, seed=0))
    depths = active.sum(axis=2)
    for choices, values in ((depths - 2, 0), (kernels[active], 0), (expansions[active], 0)):
        share = np.bincount((choices - values).ravel()) / np.size(choices)
        assert np.abs(share - 1 / 3).max() < 0.015
