"""The NAS-Bench-201 space against the published table and against symbolic evaluation."""

import csv

import numpy as np
import pytest

import ctnas
from ctnas.architecture import PADDING
from ctnas.errors import ArchitectureError
from ctnas.spaces import NasBench201Space
from ctnas.testing import check_space

SPACE = NasBench201Space()
EXAMPLE = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"


def test_space_keeps_every_invariant():
    check_space(SPACE)


def test_enumeration_is_the_product_of_the_choices_in_order():
    everything = SPACE.enumerate()
    assert len(everything) == 5**6 == SPACE.size
    ranks = everything.decisions.astype(int) @ (5 ** np.arange(5, -1, -1))
    assert np.array_equal(ranks, np.arange(5**6))


def test_every_published_string_is_parsed_and_printed_unchanged(published_data):
    with published_data("nasbench201_cifar10.csv").open() as file:
        texts = [row["architecture"] for row in csv.DictReader(file)]
    batch = SPACE.parse(texts)
    assert SPACE.format(batch) == texts
    assert len(np.unique(batch.decisions, axis=0)) == 15_625


def test_dead_operations_are_removed_and_skips_stay():
    graphs = SPACE.graphs(SPACE.parse([EXAMPLE]))
    names = [SPACE.vocabulary[operation] for operation in graphs.operations[0]]
    live = ["input", "nor_conv_3x3", "avg_pool_3x3", "nor_conv_1x1", "output"]
    assert names == [*live, *["padding"] * 3]
    edges = {(live[i], live[j]) for i, j in np.argwhere(graphs.adjacency[0])}
    assert edges == {
        ("input", "nor_conv_3x3"),
        ("nor_conv_3x3", "nor_conv_1x1"),
        ("nor_conv_1x1", "output"),
        ("input", "avg_pool_3x3"),
        ("avg_pool_3x3", "output"),
    }


def test_cell_of_nothing_keeps_input_and_output():
    nothing = SPACE.parse(["|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"])
    graphs = SPACE.graphs(nothing)
    assert graphs.operations[0].tolist() == [1, 2, *[PADDING] * 6]
    assert not graphs.adjacency.any()


def test_equal_graphs_compute_the_same_and_different_computations_have_different_graphs():
    """A cell is evaluated symbolically: a node is the sorted sum of operations on node values."""
    everything = SPACE.enumerate()
    graphs = SPACE.graphs(everything)
    meaning: dict[bytes, str] = {}
    for row, text in enumerate(SPACE.format(everything)):
        key = graphs.operations[row].tobytes() + graphs.adjacency[row].tobytes()
        computed = _evaluated(text)
        assert meaning.setdefault(key, computed) == computed
    assert len(set(meaning.values())) <= len(meaning) == SPACE.is_distinct(everything).sum()


def _evaluated(text: str) -> str:
    values = ["x"]
    for part in text.split("+"):
        edges = [edge.split("~") for edge in part.strip("|").split("|")]
        terms = [
            f"{operation}({values[int(source)]})"
            for operation, source in edges
            if operation != "none" and values[int(source)] != "0"
        ]
        values.append("+".join(sorted(terms)) or "0")
    return values[-1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("|none~0|+|none~0|none~1|", "3 nodes separated by '+', not 2"),
        (EXAMPLE.replace("none~2", "none~1"), "node 3 reads predecessors 0, 1, 2"),
        (EXAMPLE.replace("nor_conv_1x1", "nor_conv_5x5"), "unknown operation 'nor_conv_5x5'"),
        (EXAMPLE.replace("~0|+", "|+"), "operation~predecessor"),
        (EXAMPLE.replace("~0|+", "~00|+", 1), "operation~predecessor"),
        (EXAMPLE[1:], "a node is written"),
    ],
)
def test_text_that_is_no_architecture_is_refused_with_its_row(text, complaint):
    with pytest.raises(ArchitectureError, match=r"row 2: ") as raised:
        SPACE.parse([EXAMPLE, text])
    assert complaint in str(raised.value)


def test_space_is_found_by_name():
    assert isinstance(ctnas.get_space("nasbench201"), NasBench201Space)
    with pytest.raises(ctnas.CtnasError, match="nasbench201"):
        ctnas.get_space("nasbench301")
