"""The pool of best candidates, against exhaustive and independent search."""

import numpy as np
import pytest

import ctnas
from ctnas import _core
from ctnas.errors import ArchitectureError

from .models import ModelShape, Weights, ranker

SPACE = ctnas.get_space("nasbench201")


@pytest.fixture(scope="module")
def small_encoder():
    shape = ModelShape(nodes=SPACE.nodes, vocabulary_size=len(SPACE.vocabulary))
    model = ranker(shape, Weights.draw(shape.vocabulary_size, seed=3))
    return _core.Encoder(model, provider="cpu")


@pytest.fixture(scope="module")
def best(small_encoder):
    """The distinct graphs of the whole space by falling score: hashes and scores."""
    everything = SPACE.enumerate()
    everything = everything[SPACE.is_distinct(everything)]
    graphs = SPACE.graphs(everything)
    challenger, _ = small_encoder.encode(graphs.adjacency, graphs.operations)
    order = np.argsort(-challenger, kind="stable")
    return SPACE.graph_hashes(everything)[order], challenger[order]


def hashes_of(pool):
    return SPACE.graph_hashes(SPACE.batch(pool.decisions))


def test_everything_seen_is_ranked_as_sorting_ranks_it(small_encoder, best):
    pool = _core.CandidatePool(SPACE.core, small_encoder, keep=200)
    every = SPACE.enumerate().decisions
    assert pool.add(every) == len(best[0]) == pool.seen
    assert pool.add(every) == 0
    assert np.array_equal(pool.scores, best[1][:200])
    assert set(hashes_of(pool)[:150].tolist()) <= set(best[0].tolist())
    assert len(np.unique(hashes_of(pool))) == 200


def test_growing_finds_the_best_of_a_small_space(small_encoder, best):
    pool = _core.CandidatePool(SPACE.core, small_encoder, keep=20, seed=1)
    found = sum(pool.grow(10_000) for _ in range(6))
    assert found == pool.seen
    assert np.array_equal(pool.scores, best[1][:20])


def test_climbing_ends_where_no_neighbor_is_better(small_encoder):
    pool = _core.CandidatePool(SPACE.core, small_encoder, keep=5, seed=2)
    pool.grow(20)
    assert pool.climb(1) > 0
    top = pool.decisions[:1]
    neighbors = np.repeat(top, 24, axis=0)
    neighbors[np.arange(24), np.repeat(np.arange(6), 4)] += np.tile(np.arange(1, 5), 6).astype("i2")
    graphs = SPACE.graphs(SPACE.batch(neighbors % 5))
    challenger, _ = small_encoder.encode(graphs.adjacency, graphs.operations)
    assert challenger.max() <= pool.scores[0]
    assert pool.climb(1) == 0


def test_excluded_graphs_are_never_kept(small_encoder, best):
    pool = _core.CandidatePool(SPACE.core, small_encoder, keep=10)
    pool.add(SPACE.enumerate().decisions)
    known = pool.decisions[:4]
    pool.exclude(known)
    assert len(pool) == 6
    again = _core.CandidatePool(SPACE.core, small_encoder, keep=10)
    again.exclude(known)
    again.add(SPACE.enumerate().decisions)
    assert np.array_equal(again.scores, best[1][4:14])


def test_a_mask_decides_what_may_be_kept(small_encoder):
    pool = _core.CandidatePool(SPACE.core, small_encoder, keep=50, seed=4)
    asked = []

    def without_pooling(rows):
        asked.append(len(rows))
        return (rows != 4).all(axis=1)

    pool.grow(9_000, without_pooling)
    pool.climb(3, without_pooling)
    assert (pool.decisions != 4).all()
    assert asked[:3] == [4096, 4096, 808]
    with pytest.raises(ValueError, match=r"mask is not bool \[N\]"):
        pool.grow(10, lambda _: [True])
    with pytest.raises(ZeroDivisionError):
        pool.grow(10, lambda _: 1 / 0)


def test_equal_seeds_give_equal_pools_whatever_the_threads(small_encoder):
    pools = [
        _core.CandidatePool(SPACE.core, small_encoder, keep=100, seed=seed, threads=threads)
        for seed, threads in ((7, 1), (7, 3), (8, 1))
    ]
    for pool in pools:
        pool.grow(5_000)
        pool.climb(2)
    first, same, other = (pool.decisions for pool in pools)
    assert np.array_equal(first, same)
    assert not np.array_equal(first[:50], other[:50]) or pools[0].seen != pools[2].seen


def test_what_is_kept_follows_refreshed_weights(best):
    shape = ModelShape(nodes=SPACE.nodes, vocabulary_size=len(SPACE.vocabulary))
    old, new = (ranker(shape, Weights.draw(shape.vocabulary_size, seed=s)) for s in (1, 3))
    encoder = _core.Encoder(old, provider="cpu")
    pool = _core.CandidatePool(SPACE.core, encoder, keep=20_000)
    pool.add(SPACE.enumerate().decisions)
    encoder.refresh(new)
    pool.rescore()
    assert np.array_equal(pool.scores, best[1])


def test_inactive_decisions_and_conditions_stay_canonical():
    space = ctnas.get_space("mobilenetv3")
    shape = ModelShape(nodes=space.nodes, vocabulary_size=len(space.vocabulary))
    model = ranker(shape, Weights.draw(shape.vocabulary_size, seed=0))
    pool = _core.CandidatePool(space.core, _core.Encoder(model, provider="cpu"), keep=300)
    pool.grow(20_000)
    kept = space.batch(pool.decisions)
    assert space.canonical(kept) == kept
    assert space.is_distinct(kept).all()
    graphs = space.graphs(kept)
    challenger, _ = _core.Encoder(model, provider="cpu").encode(graphs.adjacency, graphs.operations)
    assert np.array_equal(challenger, pool.scores)
    assert (np.diff(pool.scores) <= 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": 0}, "keep is 0: needed 1 or more"),
        ({"immigrants": 0.7, "crossovers": 0.5}, "no shares of 1"),
        ({"immigrants": -0.1}, "no shares of 1"),
        ({"threads": -1}, "threads is -1"),
    ],
)
def test_options_that_cannot_be_are_refused(small_encoder, options, message):
    with pytest.raises(ValueError, match=message):
        _core.CandidatePool(SPACE.core, small_encoder, **options)


def test_spaces_and_rows_that_do_not_fit_are_refused(small_encoder):
    with pytest.raises(ValueError, match="graphs of 30 nodes, the encoder of 8"):
        _core.CandidatePool(ctnas.get_space("darts").core, small_encoder)
    pool = _core.CandidatePool(SPACE.core, small_encoder)
    with pytest.raises(ArchitectureError, match="decisions have 5 columns: needed 6"):
        pool.add(np.zeros((1, 5), dtype=np.int16))
    with pytest.raises(ArchitectureError, match="row 0, decision 0: choice 5"):
        pool.add(np.full((1, 6), 5, dtype=np.int16))
