"""The core's own loops: the function of the exported graph, whatever the encoder and the batch."""

from collections.abc import Callable
from functools import cache

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from ctnas import _core
from ctnas.architecture import GraphBatch
from ctnas.comparator.export import ranker_graph
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import EncoderConfig
from ctnas.errors import ModelError
from ctnas.spaces import get_space

Logits = tuple[np.ndarray, np.ndarray]
Ranker = Callable[..., bytes]

DEFAULT = EncoderConfig(width=32, layers=3, dropout=0.0)
CONFIGS = {
    "default": DEFAULT,
    "wide": EncoderConfig(width=64, layers=4),
    "one layer": EncoderConfig(width=16, layers=1),
    "odd width": EncoderConfig(width=21, layers=3),
    "paper": EncoderConfig(kind="gcn", width=64, layers=2),
    "paper, odd width": EncoderConfig(kind="gcn", width=19, layers=2),
}
ONE_SPACE = [("nasbench201", name) for name in CONFIGS]
# Tracing a graph for a space of another size takes seconds.
OTHER_SPACES = [
    pytest.param(space, name, marks=pytest.mark.slow)
    for space in ("nasbench101", "darts")
    for name in ("default", "paper")
]


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    """Return `ranker.onnx` of an encoder with random weights."""

    @cache
    def export(space: str = "nasbench201", name: str = "default", seed: int = 0) -> bytes:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            nac = NeuralArchitectureComparator(get_space(space), CONFIGS[name])
            for parameter in nac.encoder.parameters():
                torch.nn.init.normal_(parameter, std=0.4)
        graph = ranker_graph(nac.config.kind, nac.encoder.fold(), nac.space.nodes)
        graph.describe(nac.metadata())
        return graph.to_bytes()

    return export


def plain_logits(model: bytes, graphs: GraphBatch) -> Logits:
    """Return what ONNX Runtime makes of the graph, without any of our code."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    inputs = {"adjacency": graphs.adjacency, "operations": graphs.operations}
    challenger, opponent = session.run(["challenger_logit", "opponent_logit"], inputs)
    return challenger, opponent


def logits(model: bytes, graphs: GraphBatch, **options: int) -> Logits:
    encoder = _core.Encoder(model, provider="cpu", **options)
    assert (encoder.engine != "onnxruntime") == _core.has_engine
    return encoder.encode(graphs.adjacency, graphs.operations)


def sampled(space: str, count: int) -> GraphBatch:
    chosen = get_space(space)
    return chosen.graphs(chosen.sample(count, seed=5))


def arbitrary(space: str, count: int) -> GraphBatch:
    """Return graphs that no space has: padding between nodes, edges to it, several outputs."""
    chosen = get_space(space)
    rng = np.random.default_rng(6)
    edges = rng.integers(0, 2, (count, chosen.nodes, chosen.nodes), dtype=np.uint8)
    operations = rng.integers(0, len(chosen.vocabulary), (count, chosen.nodes))
    return GraphBatch(np.triu(edges, 1), operations)


@pytest.mark.parametrize("graphs", [sampled, arbitrary])
@pytest.mark.parametrize(("space", "name"), [*ONE_SPACE, *OTHER_SPACES])
def test_logits_are_those_of_the_plain_graph(
    space: str, name: str, graphs: Callable[[str, int], GraphBatch], ranker: Ranker
) -> None:
    batch = graphs(space, 1500)
    model = ranker(space, name)
    plain = plain_logits(model, batch)
    assert np.ptp(plain[0]) > 0.1
    # Sums of float32 in another order: what cancels leaves the error of the largest terms.
    atol = max(1e-5, 1e-6 * float(np.abs(plain).max()))
    np.testing.assert_allclose(logits(model, batch), plain, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("name", ["default", "paper"])
def test_logits_are_the_same_bits_for_any_threads_and_chunk(name: str, ranker: Ranker) -> None:
    batch = sampled("nasbench201", 3000)
    expected = logits(ranker(name=name), batch, threads=1)
    for threads, chunk in ((1, 1), (2, 0), (3, 7), (2, 5000)):
        found = logits(ranker(name=name), batch, threads=threads, chunk=chunk)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", list(CONFIGS))
def test_an_architecture_has_the_same_logits_alone_as_among_others(
    name: str, ranker: Ranker
) -> None:
    batch = arbitrary("nasbench201", 1100)
    together = np.stack(logits(ranker(name=name), batch))
    for row in (0, 17, 1024, 1099):
        alone = logits(ranker(name=name), batch[[row]])
        np.testing.assert_array_equal(np.stack(alone)[:, 0], together[:, row])


def test_a_refresh_brings_other_weights(ranker: Ranker) -> None:
    batch = sampled("nasbench201", 100)
    encoder = _core.Encoder(ranker(), provider="cpu")
    encoder.refresh(ranker(name="wide", seed=1))
    found = encoder.encode(batch.adjacency, batch.operations)
    np.testing.assert_array_equal(found, logits(ranker(name="wide", seed=1), batch))


def changed(model: bytes, change: Callable[[onnx.GraphProto], None]) -> bytes:
    proto = onnx.load_model_from_string(model)
    change(proto.graph)
    return bytes(proto.SerializeToString())


def use_another_activation(graph: onnx.GraphProto) -> None:
    next(node for node in graph.node if node.op_type == "Relu").op_type = "Sigmoid"


def rename_a_weight(graph: onnx.GraphProto) -> None:
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name == "encoder.weight_1":
                node.input[index] = "w"
    next(entry for entry in graph.initializer if entry.name == "encoder.weight_1").name = "w"


@pytest.mark.parametrize("change", [use_another_activation, rename_a_weight])
def test_another_graph_is_left_to_the_runtime(
    change: Callable[[onnx.GraphProto], None], ranker: Ranker
) -> None:
    batch = sampled("nasbench201", 300)
    model = changed(ranker(), change)
    encoder = _core.Encoder(ranker(), provider="cpu")
    encoder.refresh(model)
    assert encoder.engine == _core.Encoder(model, provider="cpu").engine == "onnxruntime"
    found = encoder.encode(batch.adjacency, batch.operations)
    np.testing.assert_allclose(found, plain_logits(model, batch), rtol=1e-5, atol=1e-5)


def test_weights_that_are_no_numbers_are_refused(ranker: Ranker) -> None:
    def spoil(graph: onnx.GraphProto) -> None:
        weight = next(entry for entry in graph.initializer if entry.name == "encoder.head_weight")
        weight.raw_data = np.full(64, np.nan, np.float32).tobytes()

    batch = sampled("nasbench201", 3)
    encoder = _core.Encoder(changed(ranker(), spoil), provider="cpu")
    with pytest.raises(ModelError, match=r"damaged: challenger_logit\[0\] is nan"):
        encoder.encode(batch.adjacency, batch.operations)
