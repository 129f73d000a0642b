import numpy as np
import pytest
from scipy.special import expit

from ctnas import _core
from ctnas.errors import ArchitectureError, ModelError

from .models import ModelShape, Weights, comparator, random_graphs


@pytest.fixture
def pairs(comparator_bytes: bytes) -> _core.PairSession:
    return _core.PairSession(comparator_bytes, provider="cpu")


def test_a_pair_session_knows_its_model(pairs: _core.PairSession) -> None:
    assert (pairs.nodes, pairs.vocabulary_size, pairs.provider) == (7, 6, "cpu")
    assert pairs.metadata["ctnas.format"] == "1"
    assert pairs.provider_reason


def test_probabilities_are_those_of_the_formula(
    pairs: _core.PairSession, weights: Weights, shape: ModelShape
) -> None:
    a = random_graphs(shape, 600, seed=1)
    b = random_graphs(shape, 600, seed=2)
    expected = expit(weights.logits(*a)[:, 0] + weights.logits(*b)[:, 1])
    np.testing.assert_allclose(pairs.compare(*a, *b), expected, atol=1e-6)


def test_one_encoding_an_architecture_answers_as_one_run_a_pair(
    pairs: _core.PairSession, encoder: _core.Encoder, shape: ModelShape
) -> None:
    adjacency, operations = random_graphs(shape, 40, seed=3)
    challenger_logit, opponent_logit = encoder.encode(adjacency, operations)
    first, second = (index.ravel() for index in np.indices((40, 40)))
    fast = _core.pair_probability(challenger_logit, opponent_logit, first, second)
    slow = pairs.compare(adjacency[first], operations[first], adjacency[second], operations[second])
    np.testing.assert_allclose(fast, slow, atol=1e-6)


def test_both_sides_are_checked_by_name(pairs: _core.PairSession, shape: ModelShape) -> None:
    a = random_graphs(shape, 4, seed=4)
    b = random_graphs(shape, 4, seed=5)
    a[1][2, 0] = 6
    with pytest.raises(ArchitectureError, match=r"operations_a\[2, 0\] is 6"):
        pairs.compare(*a, *b)
    with pytest.raises(ArchitectureError, match=r"operations_b\[2, 0\] is 6"):
        pairs.compare(*b, *a)
    with pytest.raises(ArchitectureError, match="there are 3 architectures a and 4 b"):
        pairs.compare(b[0][:3], b[1][:3], *b)


def test_a_probability_that_is_not_finite_is_reported(shape: ModelShape) -> None:
    weights = Weights.draw(shape.vocabulary_size, seed=0)
    weights.head[:] = np.nan
    pairs = _core.PairSession(comparator(shape, weights), provider="cpu")
    a = random_graphs(shape, 2, seed=6)
    with pytest.raises(ModelError, match=r"probability\[0\] is nan"):
        pairs.compare(*a, *a)
