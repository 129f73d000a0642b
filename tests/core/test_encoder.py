from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctnas import _core
from ctnas.errors import ArchitectureError, ModelError

from .models import ModelShape, Weights, random_graphs, ranker


def test_an_encoder_knows_its_model(encoder: _core.Encoder) -> None:
    assert (encoder.nodes, encoder.vocabulary_size) == (7, 6)
    assert encoder.metadata["ctnas.space"] == "made up"
    assert encoder.provider == "cpu"
    assert encoder.provider_reason == "the CPU was asked for"
    assert encoder.threads >= 1


def test_logits_are_those_of_the_formula(
    encoder: _core.Encoder, weights: Weights, shape: ModelShape
) -> None:
    graphs = random_graphs(shape, 2000, seed=1)
    logits = np.stack(encoder.encode(*graphs), axis=1)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, weights.logits(*graphs), atol=1e-5)


def test_logits_are_those_of_plain_onnxruntime_bit_for_bit(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape
) -> None:
    adjacency, operations = random_graphs(shape, 500, seed=2)
    session = onnxruntime.InferenceSession(ranker_bytes, providers=["CPUExecutionProvider"])
    expected = session.run(None, {"adjacency": adjacency, "operations": operations})
    np.testing.assert_array_equal(encoder.encode(adjacency, operations), expected)


def test_a_file_encodes_as_its_bytes(
    encoder: _core.Encoder, ranker_bytes: bytes, shape: ModelShape, tmp_path: Path
) -> None:
    path = tmp_path / "ränker.onnx"
    path.write_bytes(ranker_bytes)
    graphs = random_graphs(shape, 10, seed=3)
    for argument in (path, str(path)):
        from_file = _core.Encoder(argument, provider="cpu")
        np.testing.assert_array_equal(from_file.encode(*graphs), encoder.encode(*graphs))


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(0, 400),
    threads=st.integers(1, 5),
    chunk=st.integers(1, 300),
)
def test_logits_are_the_same_bits_for_any_threads_and_chunk(
    rows: int, threads: int, chunk: int
) -> None:
    shape = ModelShape()
    model = ranker(shape, Weights.draw(6, seed=0))
    graphs = random_graphs(shape, rows, seed=rows)
    plain = _core.Encoder(model, provider="cpu", threads=1, chunk=400)
    other = _core.Encoder(model, provider="cpu", threads=threads, chunk=chunk)
    np.testing.assert_array_equal(other.encode(*graphs), plain.encode(*graphs))


def test_an_architecture_has_the_same_logits_alone_as_among_others(
    encoder: _core.Encoder, shape: ModelShape
) -> None:
    adjacency, operations = random_graphs(shape, 300, seed=4)
    together = np.stack(encoder.encode(adjacency, operations))
    for row in (0, 255, 256, 299):
        alone = encoder.encode(adjacency[row : row + 1], operations[row : row + 1])
        np.testing.assert_array_equal(np.stack(alone)[:, 0], together[:, row])


def test_no_architectures_give_no_logits(encoder: _core.Encoder, shape: ModelShape) -> None:
    challenger_logit, opponent_logit = encoder.encode(*random_graphs(shape, 0, seed=0))
    assert challenger_logit.shape == opponent_logit.shape == (0,)


def test_threads_may_share_an_encoder(encoder: _core.Encoder, shape: ModelShape) -> None:
    batches = [random_graphs(shape, 700, seed=seed) for seed in range(8)]
    expected = [np.stack(encoder.encode(*graphs)) for graphs in batches]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            results = list(pool.map(lambda graphs: encoder.encode(*graphs), batches))
            np.testing.assert_array_equal(np.stack([np.stack(r) for r in results]), expected)


def test_a_refreshed_encoder_is_like_a_new_one(ranker_bytes: bytes, shape: ModelShape) -> None:
    graphs = random_graphs(shape, 50, seed=5)
    fresh_bytes = ranker(
        ModelShape(metadata={"ctnas.space": "fresh"}), Weights.draw(shape.vocabulary_size, seed=9)
    )
    encoder = _core.Encoder(ranker_bytes, provider="cpu")
    before = encoder.encode(*graphs)
    encoder.refresh(fresh_bytes)
    expected = _core.Encoder(fresh_bytes, provider="cpu").encode(*graphs)
    np.testing.assert_array_equal(encoder.encode(*graphs), expected)
    assert encoder.metadata["ctnas.space"] == "fresh"
    assert not np.array_equal(before, expected)


def test_refreshes_do_not_disturb_calls_under_way(ranker_bytes: bytes, shape: ModelShape) -> None:
    graphs = random_graphs(shape, 3000, seed=6)
    models = [ranker_bytes, ranker(shape, Weights.draw(shape.vocabulary_size, seed=9))]
    possible = [np.stack(_core.Encoder(model).encode(*graphs)) for model in models]
    encoder = _core.Encoder(ranker_bytes, threads=2, chunk=64)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(encoder.encode, *graphs) for _ in range(20)]
        for refresh in range(40):
            encoder.refresh(models[refresh % 2])
        for call in calls:
            result = np.stack(call.result())
            assert any(np.array_equal(result, logits) for logits in possible)


def test_a_refresh_with_another_space_is_refused(encoder: _core.Encoder, shape: ModelShape) -> None:
    graphs = random_graphs(shape, 5, seed=7)
    before = encoder.encode(*graphs)
    foreign = ranker(ModelShape(nodes=5), Weights.draw(6, seed=0))
    with pytest.raises(ModelError, match="new model is for graphs of 5 nodes and 6 operations"):
        encoder.refresh(foreign)
    with pytest.raises(ModelError):
        encoder.refresh(b"")
    np.testing.assert_array_equal(encoder.encode(*graphs), before)


def test_a_logit_that_is_not_finite_is_reported_with_its_row(shape: ModelShape) -> None:
    weights = Weights.draw(shape.vocabulary_size, seed=0)
    weights.embedding[5] = np.inf
    encoder = _core.Encoder(ranker(shape, weights), provider="cpu")
    adjacency = np.zeros((900, 7, 7), np.uint8)
    operations = np.zeros((900, 7), np.int64)
    operations[700, 3] = 5
    with pytest.raises(ModelError, match=r"_logit\[700\] is (-?inf|nan)"):
        encoder.encode(adjacency, operations)


def test_a_wrong_entry_is_named_before_anything_runs(
    encoder: _core.Encoder, shape: ModelShape
) -> None:
    adjacency, operations = random_graphs(shape, 5000, seed=8)
    for entry, value, message in (
        ((4999, 0, 1), 2, r"adjacency\[4999, 0, 1\] is 2: needed 0 or 1"),
        ((4998, 3, 3), 1, r"adjacency\[4998, 3, 3\] is 1: needed 0, an edge leads"),
        ((4097, 6, 0), 1, r"adjacency\[4097, 6, 0\] is 1: needed 0, an edge leads"),
    ):
        adjacency[entry] = value
        with pytest.raises(ArchitectureError, match=message):
            encoder.encode(adjacency, operations)
    adjacency, operations = random_graphs(shape, 5000, seed=8)
    for id_ in (-1, 6, 2**40):
        operations[77, 2] = id_
        with pytest.raises(
            ArchitectureError, match=rf"operations\[77, 2\] is {id_}: needed 0 to 5"
        ):
            encoder.encode(adjacency, operations)
