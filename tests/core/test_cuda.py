"""The core on a GPU, held to the CPU. Without a GPU these tests skip and say what is missing."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ctnas import _core

from .models import ModelShape, Weights, random_graphs, ranker

TOLERANCE = 1e-4
"""A GPU computes in single precision too, but adds up in another order."""


@pytest.fixture(autouse=True)
def _gpu(ranker_bytes: bytes) -> None:
    encoder = _core.Encoder(ranker_bytes, provider="auto")
    if encoder.provider != "cuda":
        pytest.skip(f"no GPU to run on: {encoder.provider_reason}")


def test_the_model_runs_in_buffers_bound_on_the_device(ranker_bytes: bytes) -> None:
    encoder = _core.Encoder(ranker_bytes, provider="cuda")
    assert (encoder.provider, encoder.engine) == ("cuda", "onnxruntime")
    assert encoder.provider_reason == "CUDA was asked for"


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 5000, 100_000])
@pytest.mark.parametrize("chunk", [0, 1024])
def test_logits_are_those_of_the_cpu(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape, rows: int, chunk: int
) -> None:
    graphs = random_graphs(shape, rows, seed=rows)
    on_cuda = _core.Encoder(ranker_bytes, provider="cuda", chunk=chunk).encode(*graphs)
    np.testing.assert_allclose(on_cuda, encoder.encode(*graphs), atol=TOLERANCE)


def test_pairs_are_those_of_the_cpu(comparator_bytes: bytes, shape: ModelShape) -> None:
    pairs = *random_graphs(shape, 3000, seed=1), *random_graphs(shape, 3000, seed=2)
    on_cuda, on_cpu = (
        _core.PairSession(comparator_bytes, provider=provider).compare(*pairs)
        for provider in ("cuda", "cpu")
    )
    np.testing.assert_allclose(on_cuda, on_cpu, atol=TOLERANCE)


def test_a_short_batch_after_a_long_one_is_scored_alone(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape
) -> None:
    on_cuda = _core.Encoder(ranker_bytes, provider="cuda", chunk=4096)
    for rows in (4096, 3, 4096, 1, 100):
        graphs = random_graphs(shape, rows, seed=rows)
        np.testing.assert_allclose(on_cuda.encode(*graphs), encoder.encode(*graphs), atol=TOLERANCE)


def test_threads_may_share_an_encoder(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape
) -> None:
    on_cuda = _core.Encoder(ranker_bytes, provider="cuda", threads=2, chunk=500)
    graphs = random_graphs(shape, 5000, seed=3)
    expected = encoder.encode(*graphs)
    with ThreadPoolExecutor(4) as pool:
        for logits in pool.map(lambda _: on_cuda.encode(*graphs), range(20)):
            np.testing.assert_allclose(logits, expected, atol=TOLERANCE)


def test_a_refreshed_encoder_is_like_a_new_one(ranker_bytes: bytes, shape: ModelShape) -> None:
    fresh = ranker(shape, Weights.draw(shape.vocabulary_size, seed=9))
    graphs = random_graphs(shape, 1000, seed=4)
    on_cuda = _core.Encoder(ranker_bytes, provider="cuda")
    on_cuda.refresh(fresh)
    expected = _core.Encoder(fresh, provider="cpu").encode(*graphs)
    np.testing.assert_allclose(on_cuda.encode(*graphs), expected, atol=TOLERANCE)


def test_buffers_that_do_not_fit_are_done_without(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape
) -> None:
    rows = 1 << 32  # whose buffers would take half a terabyte
    on_cuda = _core.Encoder(ranker_bytes, provider="cuda", chunk=rows)
    assert "without buffers on the device" in on_cuda.provider_reason
    assert "too little free memory" in on_cuda.provider_reason
    graphs = random_graphs(shape, 100, seed=5)
    np.testing.assert_allclose(on_cuda.encode(*graphs), encoder.encode(*graphs), atol=TOLERANCE)
