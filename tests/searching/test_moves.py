"""Small changes of architectures."""

import numpy as np

from ctnas.searching.moves import mutated, neighbors
from ctnas.spaces import GraphSpace, SearchSpace, get_space


def test_a_mutant_differs_in_one_decision(space: SearchSpace) -> None:
    parents = space.sample(500, seed=0)
    children = mutated(space, parents, np.random.default_rng(0))
    space.check(children)
    differing = (parents.decisions != children.decisions).sum(axis=1)
    assert (differing == 1).all()


def test_mutations_reach_every_choice_of_every_decision() -> None:
    space = get_space("darts")
    parent = space.sample(1, seed=0)
    children = mutated(space, parent[[0] * 5000], np.random.default_rng(0))
    reached = {tuple(row) for row in children.decisions.tolist()}
    assert reached == {tuple(row) for row in neighbors(space, parent).decisions.tolist()}


def test_neighbors_are_all_rows_at_distance_one(chain: GraphSpace) -> None:
    every = chain.enumerate()
    for row in range(len(every)):
        distance = (every.decisions != every.decisions[row]).sum(axis=1)
        expected = {tuple(r) for r in every.decisions[distance == 1].tolist()}
        found = neighbors(chain, every[[row]]).decisions.tolist()
        assert len(found) == len(expected)
        assert {tuple(r) for r in found} == expected
