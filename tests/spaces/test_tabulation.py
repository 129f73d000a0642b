"""Functions that wire architectures, told as tables."""

from itertools import product

import numpy as np

import ctnas
from ctnas.architecture import without_dead_nodes
from ctnas.spaces.tabulation import tabulated

DECISIONS = {
    "depth": [1, 2, 3],
    "stem": ["conv3x3", "none"],
    **{f"op{k}": ["conv", "skip", "none", "pool"] for k in range(6)},
    **{f"from{k}": list(range(k + 1)) for k in range(1, 6)},
}


def wire(choice):
    """Nodes read what they choose; depth repeats the end; two decisions meet in one operation."""
    nodes = ["input", *(choice[f"op{k}"] for k in range(6))]
    if choice["stem"] == "none" and choice["op0"] == "conv":
        nodes[1] = "stemless"
    edges = [(0, 1), *((choice[f"from{k}"], k + 1) for k in range(1, 6))]
    for _ in range(choice["depth"]):
        nodes.append("last")
        edges.append((len(nodes) - 2, len(nodes) - 1))
    return [*nodes, "output"], [*edges, (len(nodes) - 1, len(nodes))]


def test_a_function_becomes_tables_that_say_the_same():
    space = ctnas.GraphSpace("function", DECISIONS, wire)
    assert space.core is not None
    batch = space.sample(3_000, seed=0)
    compiled = space.graphs(batch)
    called = without_dead_nodes(space._wire(batch.decisions))
    assert np.array_equal(compiled.adjacency, called.adjacency)
    assert np.array_equal(compiled.operations, called.operations)


def test_a_function_that_depends_on_everything_is_called():
    decisions = {f"bit{k}": ["0", "1"] for k in range(20)}

    def parity(choice):
        odd = sum(map(int, choice.values())) % 2
        return ["input", "odd" if odd else "even", "output"], [(0, 1), (1, 2)]

    space = ctnas.GraphSpace("parity", decisions, parity)
    assert space.core is None
    batch = space.sample(200, seed=0)
    operations = space.graphs(batch).operations
    odd = batch.decisions.sum(axis=1) % 2
    assert np.array_equal(operations[:, 1], np.where(odd, 4, 3))
    assert space.is_distinct(batch).sum() == 2


def test_a_dependency_that_shows_rarely_is_found():
    # Node 1 depends on the last decision only where nine others agree.
    choices = [2] * 10

    def draw(row):
        return [1, 3 + (row[-1] if all(row[:-1]) else 0), 2], frozenset({(0, 1), (1, 2)})

    tables = tabulated(draw, choices, 3, lambda row: row)
    core = tables.compiled(choices)
    rows = np.array(list(product((0, 1), repeat=10)), dtype=np.int16)
    assert core.graphs(rows)[1].tolist() == [draw(tuple(row))[0] for row in rows.tolist()]
