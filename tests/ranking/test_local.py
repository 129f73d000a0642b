"""A pool of candidates against the ranking of the same architectures at once."""

from dataclasses import replace

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.runtime import Comparator
from ctnas.errors import ArchitectureError
from ctnas.labels import ArchitectureChunk
from ctnas.ranking import CandidatePool, encode_chunk
from ctnas.spaces import SearchSpace


def filled(comparator: Comparator, batch: ArchitectureBatch, chunk: int) -> CandidatePool:
    """Return a pool to which a batch was added in chunks, as the rows 2, 4, 6, ... of a file."""
    pool = CandidatePool(comparator)
    rows = np.arange(2, 2 * len(batch) + 2, 2)
    for start in range(0, len(batch), chunk):
        part = slice(start, start + chunk)
        pool.add(ArchitectureChunk(batch[part], rows[part]))
    return pool


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_pool_ranks_as_the_comparator_does(
    chunk: int, comparator: Comparator, space: SearchSpace
) -> None:
    batch = space.sample(200, seed=1)
    pool = filled(comparator, batch, chunk)
    assert len(pool) == 200
    best = pool.best(50)
    expected = comparator.rank(batch, top=50)
    np.testing.assert_array_equal(best.rows, 2 * expected.indices + 2)
    np.testing.assert_array_equal(best.win_probability, expected.win_probability)
    assert best.architectures == space.format(batch[expected.indices])


def test_more_than_there_are_is_all_of_them(comparator: Comparator, space: SearchSpace) -> None:
    best = filled(comparator, space.sample(20, seed=1), 8).best(1000)
    assert sorted(best.rows) == list(range(2, 42, 2))
    assert (np.diff(best.win_probability) <= 0).all()


def test_ties_stand_in_the_order_of_arrival(comparator: Comparator, space: SearchSpace) -> None:
    batch = space.sample(4, seed=1)[[0, 1, 2, 3, 0, 1, 2, 3]]
    rows = filled(comparator, batch, 3).best(8).rows.tolist()
    assert all(rows.index(row) + 1 == rows.index(row + 8) for row in (2, 4, 6, 8))


def test_pool_may_grow_after_it_was_asked(comparator: Comparator, space: SearchSpace) -> None:
    batch = space.sample(30, seed=1)
    pool = filled(comparator, batch[:20], 20)
    pool.best(5)
    pool.add(ArchitectureChunk(batch[20:], np.arange(10)))
    assert len(pool) == 30
    expected = comparator.rank(batch, top=3).win_probability
    np.testing.assert_array_equal(pool.best(3).win_probability, expected)


@pytest.mark.parametrize("count", [0, 1])
def test_less_than_two_candidates_are_refused(
    count: int, comparator: Comparator, space: SearchSpace
) -> None:
    pool = filled(comparator, space.sample(count, seed=1), 1)
    with pytest.raises(ArchitectureError, match=f"at least two architectures, not {count}"):
        pool.best(10)


def test_more_candidates_than_can_be_compared_at_once_are_refused(
    comparator: Comparator, space: SearchSpace
) -> None:
    pool = CandidatePool(comparator)
    few = encode_chunk(comparator, ArchitectureChunk(space.sample(2, seed=0), np.array([1, 2])))
    pool.add_encoded(few)
    # The number of rows alone is looked at: nothing of that size is held.
    with pytest.raises(ArchitectureError, match="at most 2,147,483,647 architectures"):
        pool.add_encoded(replace(few, rows=range(2**31 - 2)))
    assert len(pool) == 2
    assert len(pool.best(5).rows) == 2


def test_candidates_of_another_space_are_refused(comparator: Comparator) -> None:
    pool = CandidatePool(comparator)
    foreign = ArchitectureBatch("elsewhere", np.zeros((3, 6), np.int16))
    with pytest.raises(ArchitectureError, match="'elsewhere' are not in space 'nasbench201'"):
        pool.add(ArchitectureChunk(foreign, np.arange(3)))
    assert len(pool) == 0
