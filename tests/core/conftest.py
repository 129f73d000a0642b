"""One small model in both of its exported forms."""

import pytest

from ctnas import _core

from .models import ModelShape, Weights, comparator, ranker


@pytest.fixture(scope="session")
def shape() -> ModelShape:
    return ModelShape(metadata={"ctnas.space": "made up"})


@pytest.fixture(scope="session")
def weights(shape: ModelShape) -> Weights:
    return Weights.draw(shape.vocabulary_size, seed=0)


@pytest.fixture(scope="session")
def ranker_bytes(shape: ModelShape, weights: Weights) -> bytes:
    return ranker(shape, weights)


@pytest.fixture(scope="session")
def comparator_bytes(shape: ModelShape, weights: Weights) -> bytes:
    return comparator(shape, weights)


@pytest.fixture
def encoder(ranker_bytes: bytes) -> _core.Encoder:
    return _core.Encoder(ranker_bytes, provider="cpu")
