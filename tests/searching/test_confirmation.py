"""What is measured at the end is new and varied."""

import numpy as np

from ctnas.searching.confirmation import to_confirm
from ctnas.spaces import SearchSpace


def test_what_was_measured_is_not_confirmed_again(space: SearchSpace) -> None:
    ranked = space.sample(20, seed=0)
    chosen = to_confirm(space, ranked, ranked[:5], 20)
    texts = set(space.format(space.canonical(chosen)))
    assert not texts & set(space.format(space.canonical(ranked[:5])))


def test_copies_that_differ_in_one_decision_come_last(space: SearchSpace) -> None:
    rows = np.full((3, len(space.decisions)), 3, dtype=np.int16)
    rows[1, 0] = 2
    rows[2, :2] = 1
    ranked = space.batch(rows)
    chosen = to_confirm(space, ranked, ranked[:0], 3)
    assert chosen.decisions.tolist() == rows[[0, 2, 1]].tolist()


def test_no_more_than_there_are(space: SearchSpace) -> None:
    ranked = space.sample(3, seed=1)
    assert len(to_confirm(space, ranked, ranked[:1], 20)) <= 2
