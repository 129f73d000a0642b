"""Text, constraints and costs that a space declares."""

from itertools import product

import numpy as np
import pytest

import ctnas
from ctnas import _core
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import EncoderConfig
from ctnas.errors import ArchitectureError, SpaceError
from ctnas.searching.moves import mutated, neighbors
from ctnas.spaces import GraphSpace, declaration_text, space_of_declaration
from ctnas.testing import check_space

DECISIONS = {
    "depth": [1, 2],
    "first": ["a", "b", "c"],
    "second": ["a", "b", "c"],
    "skip": ["y", "n"],
}
ACTIVE = {"second": {"depth": 2}}
RULES = {
    "text": "{depth}:{first}[+{second}]/{skip}",
    "forbidden": [{"first": "a", "second": ["b", "c"]}, {"skip": "y", "depth": 1}],
    "most_edges": 4,
    "costs": [
        {"madds": 100, "parameters": 7},
        {"madds": 30.5, "when": {"first": ["a", "b"]}},
        {"parameters": 2, "when": {"second": "c", "skip": "y"}},
    ],
}


def wire(choice):
    """Return a chain of one or two operations; c is doubled, and an edge may skip all of it."""
    names = [choice["first"], *([choice["second"]] if choice["depth"] == 2 else [])]
    nodes = ["input"]
    edges = []
    for name in names:
        before = len(nodes) - 1
        nodes += [name] * (2 if name == "c" else 1)
        edges += [(at, at + 1) for at in range(before, len(nodes) - 1)]
    nodes.append("output")
    edges.append((len(nodes) - 2, len(nodes) - 1))
    if choice["skip"] == "y":
        edges.append((0, len(nodes) - 1))
    return nodes, edges


DECIDED = ctnas.DecisionSpace("decided", DECISIONS, ACTIVE, **RULES)
WIRED = GraphSpace("wired", DECISIONS, wire, active=ACTIVE, **RULES)
BIG = ctnas.DecisionSpace(
    "big",
    {f"d{at}": list(range(10)) for at in range(12)},
    forbidden=[{"d0": [0, 1, 2, 3, 4]}, {"d1": [1, 2], "d2": 3}],
)


def rows_by_hand(edges_of):
    """Return the rows that keep the rules, one by one."""
    rows = []
    for depth, first, second, skip in product(range(2), range(3), range(3), range(2)):
        is_active = depth == 1
        if not is_active and second:
            continue
        is_forbidden = (is_active and first == 0 and second > 0) or (skip == 0 and not is_active)
        if not is_forbidden and edges_of(depth, first, second, skip) <= 4:
            rows.append((depth, first, second, skip))
    return rows


def chain_edges(depth, first, second, skip):
    return 3 + depth + 1


def wired_edges(depth, first, second, skip):
    operations = 1 + (first == 2) + (1 + (second == 2) if depth else 0)
    return operations + 1 + (skip == 0)


@pytest.mark.parametrize(
    ("space", "edges"), [(DECIDED, chain_edges), (WIRED, wired_edges)], ids=["decided", "wired"]
)
def test_architectures_are_the_rows_that_keep_the_constraints(space, edges):
    expected = rows_by_hand(edges)
    assert space.enumerate().decisions.tolist() == [list(row) for row in expected]
    assert space.size == len(expected) < 24
    everything = np.array([*product(range(2), range(3), range(3), range(2))], dtype=np.int16)
    batch = ctnas.ArchitectureBatch(space.name, everything)
    canonical = space.canonical(batch).decisions.tolist()
    assert space.allowed(batch).tolist() == [tuple(row) in expected for row in canonical]
    check_space(space)


def test_a_function_that_only_python_can_run_is_constrained_alike():
    space = GraphSpace("python", DECISIONS, wire, active=ACTIVE, **RULES)
    space.__dict__["core"] = None
    assert space.enumerate().decisions.tolist() == WIRED.enumerate().decisions.tolist()


def test_what_breaks_a_constraint_is_refused_with_its_row_and_the_constraint():
    with pytest.raises(ArchitectureError, match="row 2: first=a and second=b is forbidden"):
        WIRED.parse(["2:a+a/n", "2:a+b/n"])
    with pytest.raises(ArchitectureError, match="row 1: 6 edges are more than 4"):
        WIRED.batch(np.array([[1, 0, 0, 1], [1, 2, 2, 0]]))
    with pytest.raises(ArchitectureError, match="row 1: skip=y and depth=1 is forbidden"):
        WIRED.parse(["1:a/y"])


@pytest.mark.parametrize("space", [DECIDED, WIRED, BIG], ids=lambda space: space.name)
def test_whatever_the_core_makes_keeps_the_constraints(space):
    drawn = space.core.sample(2_000, 1)
    other = space.core.sample(2_000, 2)
    for rows in (drawn, space.core.mutants(drawn, 3), space.core.crossovers(drawn, other, 4)):
        assert space.core.allowed(rows).all()
        assert np.array_equal(space.core.canonical(rows), rows)
    assert space.allowed(space.sample(min(space.size, 500), seed=0)).all()
    batch = ctnas.ArchitectureBatch(space.name, drawn[:50])
    assert space.allowed(mutated(space, batch, np.random.default_rng(0))).all()
    assert space.allowed(neighbors(space, batch[:1])).all()


def test_the_size_of_a_large_space_is_estimated():
    # Half of all rows, but for 2 % of them.
    assert abs(BIG.size / (10**12 * 0.5 * 0.98) - 1) < 0.02


def test_the_pool_of_candidates_keeps_the_constraints(tmp_path):
    NeuralArchitectureComparator(WIRED, EncoderConfig()).export(tmp_path)
    encoder = _core.Encoder(str(tmp_path / "ranker.onnx"), provider="cpu")
    pool = _core.CandidatePool(WIRED.core, encoder, keep=100)
    everything = np.array([*product(range(2), range(3), range(3), range(2))], dtype=np.int16)
    pool.add(everything)
    pool.grow(5_000)
    pool.climb(10)
    expected = WIRED.enumerate()
    distinct = expected[WIRED.is_distinct(expected)]
    assert len(pool) == pool.seen == len(distinct)
    assert WIRED.allowed(ctnas.ArchitectureBatch("wired", pool.decisions)).all()


@pytest.mark.parametrize("space", [DECIDED, WIRED], ids=lambda space: space.name)
def test_costs_are_the_sums_of_the_terms_that_count(space):
    batch = space.enumerate()
    costs = space.costs(batch)
    for row, madds, parameters in zip(
        batch.decisions.tolist(), costs.madds, costs.parameters, strict=True
    ):
        assert madds == 100 + (30.5 if row[1] < 2 else 0)
        assert parameters == 7 + (2 if row[0] == 1 and row[2] == 2 and row[3] == 0 else 0)
    assert space.costs(space.cheapest()).madds.tolist() == [costs.madds.min()]


@pytest.mark.parametrize("space", [DECIDED, WIRED], ids=lambda space: space.name)
def test_rules_travel(space):
    again = space_of_declaration(declaration_text(space))
    assert again.rules == space.rules
    assert again.enumerate() == space.enumerate()
    assert again.format(again.enumerate()) == space.format(space.enumerate())
    assert np.array_equal(
        again.costs(again.enumerate()).madds, space.costs(space.enumerate()).madds
    )
    assert declaration_text(again) == declaration_text(space)


def test_a_file_says_the_same_as_python(tmp_path):
    file = tmp_path / "space.toml"
    file.write_text(DECIDED.to_toml())
    again = GraphSpace.from_toml(file)
    assert again.rules == DECIDED.rules
    assert declaration_text(again) == declaration_text(DECIDED)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"forbidden": [{"third": "a"}]}, "forbidden 1: there is no decision 'third'"),
        ({"forbidden": [{"first": "z"}]}, "forbidden 1: decision 'first' has no choice 'z'"),
        ({"forbidden": [{}]}, "forbidden 1 names no decision"),
        ({"forbidden": {"first": "a"}}, "forbidden must be a list of tables"),
        ({"most_edges": -1}, "most_edges must be a whole number of at least 0, not -1"),
        ({"costs": [{"madds": "a"}]}, "costs 1: madds must be a number, not 'a'"),
        ({"costs": [{"flops": 1}]}, "costs 1 must have madds, parameters or both"),
        ({"costs": [{"madds": 1, "when": {"x": 1}}]}, "costs 1: there is no decision 'x'"),
        ({"text": "{depth}{first}"}, "two decisions need a sign between them"),
        ({"text": "{depth} {first} {skip}"}, "it does not tell decision 'second'"),
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(rules, message):
    with pytest.raises(SpaceError, match=message):
        ctnas.DecisionSpace("decided", DECISIONS, ACTIVE, **rules)
