"""What the core makes of rows of decisions, against the same in plain Python."""

import pickle
from itertools import combinations

import numpy as np
import pytest

import ctnas
from ctnas import _core
from ctnas.architecture import GraphBatch, without_dead_nodes
from ctnas.errors import ArchitectureError

PAIRS = [list(combinations(range(node + 2), 2)) for node in range(4)]


def reference_graphs(space, rows):
    """Return the graphs of rows int16 [N, T] of a built-in space or of one of decisions alone."""
    if isinstance(space, ctnas.DecisionSpace):
        return without_dead_nodes(_chain(space, rows))
    wire = {
        "darts": _darts,
        "mobilenetv3": _mobilenetv3,
        "nasbench101": _nasbench101,
        "nasbench201": _nasbench201,
    }
    return without_dead_nodes(wire[space.name](space, rows))


def reference_is_distinct(space, rows):
    """Return which rows [N] have a graph (or published hash) that no earlier one has."""
    graphs = reference_graphs(space, rows)
    if space.name == "nasbench101":
        flat = _core.nasbench101_hash(graphs.adjacency, graphs.operations)
    else:
        edges = graphs.adjacency.reshape(len(rows), -1)
        flat = np.concatenate([graphs.operations, edges], axis=1)
    distinct = np.zeros(len(rows), dtype=bool)
    distinct[np.unique(flat, axis=0, return_index=True)[1]] = True
    return distinct


def _empty(space, rows):
    adjacency = np.zeros((len(rows), space.nodes, space.nodes), dtype=np.uint8)
    return adjacency, np.zeros((len(rows), space.nodes), dtype=np.int64)


def _darts(space, rows):
    adjacency, operations = _empty(space, rows)
    every = np.arange(len(rows))
    operations[:, 0], operations[:, -1] = 1, 2
    columns = rows.reshape(len(rows), 2, 11)
    for cell, name in enumerate(("normal", "reduction")):
        first = 1 + 14 * cell
        places = np.array([first, first + 1, *(first + 4 + 3 * node for node in range(4))])
        for which, kind in enumerate(("previous_previous", "previous")):
            operations[:, first + which] = space.vocabulary.index(f"{name}.{kind}")
            adjacency[:, 0, first + which] = 1
        kinds = [
            0 if choice == "none" else space.vocabulary.index(f"{name}.{choice}")
            for choice in space.decisions[0].choices
        ]
        start = 0
        for node, pairs in enumerate(PAIRS):
            pair = np.zeros(len(rows), dtype=int)
            if len(pairs) > 1:
                pair, start = columns[:, cell, start], start + 1
            for which in (0, 1):
                place = first + 2 + 3 * node + which
                operations[:, place] = np.array(kinds)[columns[:, cell, start + which]]
                adjacency[every, places[np.array(pairs)[pair, which]], place] = 1
                adjacency[:, place, places[2 + node]] = 1
            operations[:, places[2 + node]] = space.vocabulary.index(f"{name}.node{node}")
            adjacency[:, places[2 + node], -1] = 1
            start += 2
    return GraphBatch(adjacency, operations)


def _mobilenetv3(space, rows):
    adjacency, operations = _empty(space, rows)
    for row, choices in enumerate(rows.reshape(len(rows), 5, 9).tolist()):
        chain = [1]
        for unit, (depth, *layers) in enumerate(choices):
            for layer in range(depth + 2):
                kernel, expansion = layers[2 * layer : 2 * layer + 2]
                chain.append(3 + (4 * unit + layer) * 9 + 3 * kernel + expansion)
        _write_chain(adjacency[row], operations[row], [*chain, 2])
    return GraphBatch(adjacency, operations)


def _nasbench101(space, rows):
    return GraphBatch(*_core.nasbench101_decode(rows))


def _nasbench201(space, rows):
    adjacency, operations = _empty(space, rows)
    edges = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    operations[:, 0], operations[:, -1] = 1, 2
    operations[:, 1:-1] = np.array([0, 3, 4, 5, 6])[rows]
    for node, (source, target) in enumerate(edges, start=1):
        adjacency[:, 0, node] = source == 0
        adjacency[:, node, -1] = target == 3
        for successor, (read, _) in enumerate(edges, start=1):
            adjacency[:, node, successor] = target == read
    return GraphBatch(adjacency, operations)


def _chain(space, rows):
    adjacency, operations = _empty(space, rows)
    active = space.active(space.batch(rows))
    first = 3 + np.cumsum([0, *(len(d) for d in space.decisions[:-1])])
    for row, choices in enumerate(rows):
        chain = [1, *(first + choices)[active[row]].tolist(), 2]
        _write_chain(adjacency[row], operations[row], chain)
    return GraphBatch(adjacency, operations)


def _write_chain(adjacency, operations, chain):
    operations[: len(chain)] = chain
    places = np.arange(len(chain) - 1)
    adjacency[places, places + 1] = 1


CONDITIONAL = ctnas.DecisionSpace(
    "conditional",
    {"depth": [1, 2, 3], "width1": [16, 24], "width2": [16, 24], "op3": ["a", "b", "c"]},
    active={"width2": {"depth": [2, 3]}, "op3": {"depth": 3, "width2": 24}},
)
SPACES = [
    *(ctnas.get_space(name) for name in ("darts", "mobilenetv3", "nasbench101", "nasbench201")),
    CONDITIONAL,
    ctnas.DecisionSpace("plain", {"width": [16, 24, 32], "op": ["a", "b"], "rate": [0.5, 1.0]}),
]
BUILT_IN = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def random_rows(space, count, seed=0):
    """Return rows of which every fourth has its first choices only: empty cells, dead ends."""
    generator = np.random.default_rng(seed)
    shape = (count, len(space.decisions))
    rows = generator.integers(0, space.choices, size=shape, dtype=np.int16)
    rows[::4] *= generator.integers(0, 2, size=rows[::4].shape, dtype=np.int16)
    return rows


@BUILT_IN
@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_graphs_texts_and_duplicates_are_those_of_the_reference(space, count):
    rows = random_rows(space, count)
    batch = space.batch(rows)
    for start in range(0, count, 20_000):
        part = batch[start : start + 20_000]
        graphs, expected = space.graphs(part), reference_graphs(space, part.decisions)
        assert np.array_equal(graphs.adjacency, expected.adjacency)
        assert np.array_equal(graphs.operations, expected.operations)
    assert np.array_equal(space.is_distinct(batch), reference_is_distinct(space, rows))
    assert space.canonical(batch) == space.parse(space.format(batch))


@pytest.mark.slow
def test_every_cell_of_nasbench101_has_a_hash_of_its_own():
    space = ctnas.get_space("nasbench101")
    hashes = space.graph_hashes(space.enumerate())
    assert len(np.unique(hashes)) == space.size == 423_624


@BUILT_IN
def test_results_do_not_depend_on_the_number_of_threads(space):
    rows = random_rows(space, 5_000)
    one, many = (
        [
            *space.core.graphs(rows, threads),
            space.core.hashes(rows, threads),
            space.core.canonical(rows, threads),
            space.core.activity(rows, threads),
            space.core.mutants(rows, 3, threads),
            space.core.crossovers(rows, rows[::-1].copy(), 3, threads),
            space.core.sample(5_000, 3, threads),
        ]
        for threads in (1, 3)
    )
    for first, second in zip(one, many, strict=True):
        assert np.array_equal(first, second)


@BUILT_IN
def test_mutants_are_canonical_and_change_one_decision_that_matters(space):
    parents = space.canonical(space.batch(random_rows(space, 3_000)))
    mutants = space.batch(space.core.mutants(parents.decisions, 7))
    assert space.canonical(mutants) == mutants
    if space.name == "nasbench101":  # There one change may mean a cell that is written otherwise.
        return
    both = space.active(parents) & space.active(mutants)
    changed = (parents.decisions != mutants.decisions) & both
    assert (changed.sum(axis=1) == 1).all()
    varied = changed.any(axis=0)
    assert varied.all()


def test_what_a_mutation_makes_active_is_drawn():
    space = CONDITIONAL
    parents = np.zeros((2_000, 4), dtype=np.int16)
    mutants = space.core.mutants(parents, 0)
    deeper = mutants[mutants[:, 0] == 2]
    assert len({tuple(row) for row in deeper[:, 2:].tolist()}) == 4


# Rows of NAS-Bench-101 are written anew: a child is a cell of its own.
@pytest.mark.parametrize(
    "space", [s for s in SPACES if s.name != "nasbench101"], ids=lambda space: space.name
)
def test_children_take_every_decision_from_a_parent(space):
    first, second = (space.canonical(space.batch(random_rows(space, 500, s))) for s in (1, 2))
    children = space.core.crossovers(first.decisions, second.decisions, 5)
    active = space.active(space.batch(children))
    taken = (children == first.decisions) | (children == second.decisions)
    assert (taken | ~active).all()
    assert (children != first.decisions).any()


@BUILT_IN
def test_draws_are_canonical_and_vary_every_decision(space):
    drawn = space.batch(space.core.sample(3_000, 11))
    assert space.canonical(drawn) == drawn
    assert all(len(np.unique(column)) > 1 for column in drawn.decisions.T)


def test_draws_of_a_decision_are_uniform():
    drawn = ctnas.get_space("nasbench201").core.sample(50_000, 0)
    shares = np.stack([np.bincount(column, minlength=5) for column in drawn.T]) / len(drawn)
    assert np.abs(shares - 0.2).max() < 0.01


def test_a_row_that_is_no_architecture_is_refused():
    core = ctnas.get_space("nasbench201").core
    rows = np.array([[0] * 6, [0, 0, 5, 0, 0, 0]], dtype=np.int16)
    for call in (core.graphs, core.hashes, core.canonical, core.activity):
        with pytest.raises(ArchitectureError, match=r"row 1, decision 2: choice 5 is not in 0..4"):
            call(rows)
    with pytest.raises(ArchitectureError, match="decisions have 5 columns: needed 6"):
        core.graphs(rows[:, :5].copy())


@pytest.mark.parametrize(
    ("tables", "nodes", "edges", "message"),
    [
        ([([0], [1])], [(0, -1)], [], "table 0 has 1 values"),
        ([([7], [1])], [(0, -1)], [], "table 0: there is no decision 7"),
        ([([], [1])], [(1, -1)], [], "node 0: there is no such table"),
        ([([], [-2])], [(0, -1)], [], "node 0: an operation id is below -1"),
        ([([], [1])], [(0, -1)], [(0, 0, [])], "edge 0: it does not lead forward"),
        ([([], [1])], [(0, 9)], [], "node 0: there is no such decision"),
        ([([], [1])], [(0, -1)] * 1025, [], "at most 1024 nodes, not 1025"),
    ],
)
def test_tables_that_cannot_be_are_refused(tables, nodes, edges, message):
    with pytest.raises(ValueError, match=message):
        _core.Space([2, 2], tables, nodes, edges, [])


@pytest.mark.parametrize("layers", [10, 100, 300])
def test_graphs_of_any_number_of_nodes(layers):
    decisions = {"depth": list(range(1, layers + 1)), **{f"l{k}": ["a", "b"] for k in range(5)}}
    space = ctnas.DecisionSpace("long", decisions)
    assert space.nodes == 8
    tables = [([], [1]), ([], [2]), ([0], [3, 0]), ([], [4])]
    chain = [(place, place + 1, []) for place in range(layers + 1)]
    core = _core.Space(
        [2], tables, [(0, -1), *[(3, -1)] * (layers - 1), (2, -1), (1, -1)], chain, []
    )
    adjacency, operations = core.graphs(np.array([[0], [1]], dtype=np.int16))
    assert operations[0].tolist() == [1, *[4] * (layers - 1), 3, 2]
    assert adjacency[0].sum() == layers + 1
    assert operations[1].tolist() == [1, 2, *[0] * layers]


def test_a_space_with_a_core_can_be_sent_to_another_process():
    space = ctnas.DecisionSpace("mine", {"width": [16, 24]})
    assert space.core is not None
    again = pickle.loads(pickle.dumps(space))
    assert again.parse(["width=24"]) == space.parse(["width=24"])
