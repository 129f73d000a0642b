"""The DARTS space: decoding, text, genotypes and graphs."""

import re

import numpy as np
import pytest

import ctnas
from ctnas.errors import ArchitectureError
from ctnas.spaces import DartsSpace
from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.space import DARTS_CELLS
from ctnas.testing import check_space

SPACE = DartsSpace()
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
    "reduce_concat=[2, 3, 4, 5])"
)
DARTS_V2_TEXT = (
    "normal:|sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~0|sep_conv_3x3~1|"
    "+|skip_connect~0|sep_conv_3x3~1|+|skip_connect~0|dil_conv_3x3~2| "
    "reduction:|max_pool_3x3~0|max_pool_3x3~1|+|max_pool_3x3~1|skip_connect~2|"
    "+|max_pool_3x3~0|skip_connect~2|+|max_pool_3x3~1|skip_connect~2|"
)


def test_space_keeps_every_invariant():
    check_space(SPACE)


def test_size_counts_input_pairs_and_operations():
    assert len(SPACE.decisions) == 22
    assert SPACE.size == (1 * 3 * 6 * 10 * 8**8) ** 2
    assert sum("inputs" in decision.name for decision in SPACE.decisions) == 6


def test_published_genotype_and_text_are_the_same_architecture():
    batch = SPACE.parse([DARTS_V2, DARTS_V2_TEXT])
    assert np.array_equal(batch.decisions[0], batch.decisions[1])
    assert SPACE.format(batch) == [DARTS_V2_TEXT] * 2


def test_genotype_round_trips():
    batch = SPACE.sample(100, seed=1)
    assert SPACE.parse(SPACE.genotype(batch)) == batch


def test_predecessors_of_a_node_may_stand_in_any_order():
    swapped = re.sub(r"\|([^|~]+~\d)\|([^|~]+~\d)\|", r"|\2|\1|", DARTS_V2_TEXT)
    assert swapped != DARTS_V2_TEXT
    assert SPACE.format(SPACE.parse([swapped])) == [DARTS_V2_TEXT]


def test_edges_are_what_the_text_says():
    batch = SPACE.sample(50, seed=2)
    inputs, operations = SPACE.edges(batch)
    assert inputs.dtype == operations.dtype == np.int64
    assert inputs.shape == operations.shape == (50, 2, 4, 2)
    for row, text in enumerate(SPACE.format(batch)):
        said = re.findall(r"([a-z_0-9]+)~(\d)", text)
        assert [DARTS_OPERATIONS[o] for o in operations[row].ravel()] == [name for name, _ in said]
        assert inputs[row].ravel().tolist() == [int(source) for _, source in said]


def test_every_node_reads_two_different_earlier_predecessors():
    inputs, _ = SPACE.edges(SPACE.sample(500, seed=3))
    assert (inputs[..., 0] < inputs[..., 1]).all()
    assert (inputs[..., 1] < np.arange(2, 6)).all()
    assert all(len(np.unique(inputs[:, :, 3, k])) == 4 for k in (0, 1))


def test_every_pair_of_inputs_is_equally_likely():
    inputs, _ = SPACE.edges(SPACE.sample(20_000, seed=4))
    pairs, counts = np.unique(inputs[:, :, 3].reshape(-1, 2), axis=0, return_counts=True)
    assert len(pairs) == 10
    # 40,000 draws: standard deviation of a count is 60.
    assert (np.abs(counts - 4_000) < 360).all()


def test_graph_joins_the_operations_that_the_cells_join():
    batch = SPACE.sample(200, seed=5)
    graphs = SPACE.graphs(batch)
    for row, (inputs, operations) in enumerate(zip(*SPACE.edges(batch), strict=True)):
        computed = _computed_by_cells(inputs, operations)
        assert _computed_by_graph(graphs.operations[row], graphs.adjacency[row]) == computed


def _computed_by_cells(inputs, operations):
    """Return what the live sums of both cells compute, written as formulas."""
    outputs = []
    for cell, name in enumerate(DARTS_CELLS):
        values = [f"{name}.previous_previous(x)", f"{name}.previous(x)"]
        for node in range(4):
            terms = [
                f"{name}.{DARTS_OPERATIONS[operation]}({values[source]})"
                for source, operation in zip(
                    inputs[cell, node], operations[cell, node], strict=True
                )
                if DARTS_OPERATIONS[operation] != "none" and values[source]
            ]
            values.append(f"{name}.node{node}({'+'.join(sorted(terms))})" if terms else "")
        outputs += [value for value in values[2:] if value]
    return "+".join(sorted(outputs))


def _computed_by_graph(operations, adjacency):
    """Return the formula that a graph stands for."""
    values: list[str] = []
    for node, operation in enumerate(operations):
        terms = "+".join(sorted(values[i] for i in np.flatnonzero(adjacency[:, node])))
        name = SPACE.vocabulary[operation]
        values.append({"input": "x", "output": terms}.get(name, f"{name}({terms})"))
        if name == "output":
            return terms
    raise AssertionError("no output")


def test_two_operations_in_one_node_and_in_two_nodes_are_different_graphs():
    """A sum is not a concatenation, even where `none` leaves the same operations."""
    rest = "+|none~0|none~1|+|none~0|none~1| reduction:" + "+".join(["|none~0|none~1|"] * 4)
    batch = SPACE.parse(
        [
            "normal:|max_pool_3x3~0|skip_connect~1|+|none~0|none~1|" + rest,
            "normal:|max_pool_3x3~0|none~1|+|none~0|skip_connect~1|" + rest,
        ]
    )
    assert SPACE.is_distinct(batch).all()


def test_architectures_that_differ_only_in_dead_parts_have_one_graph():
    first = DARTS_V2_TEXT.replace("|skip_connect~0|dil_conv_3x3~2|", "|none~0|none~2|")
    second = DARTS_V2_TEXT.replace("|skip_connect~0|dil_conv_3x3~2|", "|none~1|none~4|")
    assert SPACE.is_distinct(SPACE.parse([first, second])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (DARTS_V2_TEXT.replace("sep_conv_3x3~1|+|skip", "sep_conv_9x9~1|+|skip"), "sep_conv_9x9"),
        (DARTS_V2_TEXT.replace("dil_conv_3x3~2", "dil_conv_3x3~0"), "not 0 and 0"),
        (DARTS_V2_TEXT.replace("dil_conv_3x3~2", "dil_conv_3x3~5"), "out of 0..4, not 0 and 5"),
        (DARTS_V2_TEXT.replace("|dil_conv_3x3~2", ""), "two operations, not 1"),
        (DARTS_V2_TEXT.replace(" reduction:", "+"), "normal:... reduction:..."),
        (DARTS_V2_TEXT + "+|none~0|none~1|", "4 nodes separated by '+', not 5"),
        (DARTS_V2.replace("[2, 3, 4, 5])", "[3, 4, 5])"), "reduce_concat must be the four nodes"),
        (DARTS_V2.replace("('dil_conv_3x3', 2)", "('dil_conv_3x3', '2')"), "('dil_conv_3x3', '2')"),
        (DARTS_V2.replace("('dil_conv_3x3', 2)", "print('x')"), "lists 8"),
        (DARTS_V2.replace("reduce=", "reduction="), "a genotype is written"),
        (DARTS_V2[:-1], "a genotype is written"),
        ("Genotype" + "(" * 10_000, "a genotype is written"),
    ],
)
def test_text_that_is_no_architecture_is_refused_with_the_reason(text, complaint):
    with pytest.raises(ArchitectureError) as raised:
        SPACE.parse([text])
    assert str(raised.value).startswith("row 1: ")
    assert complaint in str(raised.value)


def test_genotype_with_ranges_and_tuples_is_read():
    text = DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 6)")
    assert SPACE.format(SPACE.parse([text])) == [DARTS_V2_TEXT]


def test_space_is_found_by_name():
    assert isinstance(ctnas.get_space("darts"), DartsSpace)
