"""Alg. 3 against brute force."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from ctnas.architecture import GraphBatch
from ctnas.comparator.comparisons import Pairs
from ctnas.searching.exploration import explore
from ctnas.searching.scoring import CoreScorer, Logits
from ctnas.spaces import SearchSpace

PAIRS = 300


@pytest.fixture(scope="module")
def graphs(space: SearchSpace) -> GraphBatch:
    """Return a sample S of distinct graphs."""
    drawn = space.sample(40, seed=0)
    return space.graphs(drawn[space.is_distinct(drawn)])


@pytest.fixture(scope="module")
def logits(graphs: GraphBatch) -> Logits:
    challenger, opponent = np.random.default_rng(0).normal(size=(2, len(graphs)))
    return Logits(challenger.astype(np.float32), opponent.astype(np.float32))


def pairs_of(comparisons: Pairs, graphs: GraphBatch) -> list[tuple[int, int]]:
    """Return the places in the sample of both sides of every comparison."""
    places = {
        (adjacency.tobytes(), operations.tobytes()): place
        for place, (adjacency, operations) in enumerate(
            zip(graphs.adjacency, graphs.operations, strict=True)
        )
    }
    used = comparisons.graphs
    local = [
        places[adjacency.numpy().astype(np.uint8).tobytes(), operations.numpy().tobytes()]
        for adjacency, operations in zip(used.adjacency, used.operations, strict=True)
    ]
    sides = zip(comparisons.first.tolist(), comparisons.second.tolist(), strict=True)
    return [(local[first], local[second]) for first, second in sides]


def explored(graphs: GraphBatch, logits: Logits, kept: int) -> Pairs:
    return explore(graphs, logits, PAIRS, kept, torch.Generator().manual_seed(1))


def probability(logits: Logits, pairs: list[tuple[int, int]]) -> np.ndarray:
    first, second = np.array(pairs).T
    return expit(logits.challenger[first].astype(np.float64) + logits.opponent[second])


def test_the_most_confident_comparisons_are_kept(graphs: GraphBatch, logits: Logits) -> None:
    drawn = pairs_of(explored(graphs, logits, PAIRS), graphs)
    kept = pairs_of(explored(graphs, logits, 60), graphs)
    confidence = np.abs(probability(logits, drawn) - 0.5)
    expected = [drawn[place] for place in np.argsort(-confidence, kind="stable")[:60]]
    assert sorted(kept) == sorted(expected)
    # Confidence has two sides: a probability near 0 is as sure as one near 1.
    sure = probability(logits, kept)
    assert sure.min() < 0.2
    assert sure.max() > 0.8


def test_pseudo_label_is_the_likelier_outcome(graphs: GraphBatch, logits: Logits) -> None:
    comparisons = explored(graphs, logits, 60)
    p = probability(logits, pairs_of(comparisons, graphs))
    np.testing.assert_array_equal(comparisons.target.numpy(), (p >= 0.5).astype(np.float32))


def test_an_even_comparison_counts_as_won(graphs: GraphBatch) -> None:
    even = Logits(np.zeros(len(graphs), np.float32), np.zeros(len(graphs), np.float32))
    assert explored(graphs, even, 60).target.eq(1).all()


def test_no_architecture_is_compared_with_itself(graphs: GraphBatch, logits: Logits) -> None:
    assert all(i != j for i, j in pairs_of(explored(graphs, logits, PAIRS), graphs))


def test_pairs_are_drawn_from_the_whole_sample_in_both_orders(
    graphs: GraphBatch, logits: Logits
) -> None:
    drawn = pairs_of(explored(graphs, logits, PAIRS), graphs)
    assert {i for i, _ in drawn} == {j for _, j in drawn} == set(range(len(graphs)))
    assert any((j, i) in drawn for i, j in drawn)


def test_two_architectures_suffice(graphs: GraphBatch, logits: Logits) -> None:
    two = Logits(logits.challenger[:2], logits.opponent[:2])
    comparisons = explored(graphs[:2], two, 10)
    assert set(pairs_of(comparisons, graphs)) <= {(0, 1), (1, 0)}
    assert len(comparisons.target) == 10


def test_logits_of_the_scorer_are_explored(
    space: SearchSpace, graphs: GraphBatch, scorer: CoreScorer
) -> None:
    drawn = space.sample(40, seed=0)
    comparisons = explored(graphs, scorer.encode(drawn[space.is_distinct(drawn)]), 60)
    assert len(pairs_of(comparisons, graphs)) == 60
