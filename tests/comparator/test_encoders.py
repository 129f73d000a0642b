"""The graph networks against their formulas, written down node by node in NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ctnas.architecture import OUTPUT, PADDING, GraphBatch
from ctnas.comparator.encoders import PairEncoder, make_encoder
from ctnas.comparator.presets import EncoderConfig

# Numbers in names are the matter of test_embedding.
VOCABULARY = ("padding", "input", "output", "conv.wide", "conv.deep", "pool")
PARTS = ("conv", "wide", "deep")
KINDS = ("gcn", "bidirectional")

Logits = NDArray[np.float64]
Weights = dict[str, NDArray[np.float64]]
Formula = Callable[[Weights, NDArray[np.uint8], NDArray[np.int64]], tuple[float, float]]


def random_encoder(kind: str, seed: int = 0) -> PairEncoder:
    """Return an encoder none of whose weights are at their special initial values."""
    config = EncoderConfig(kind=kind, width=5, layers=2 if kind == "gcn" else 3, dropout=0.5)
    encoder = make_encoder(VOCABULARY, config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.normal_(generator=generator)
    return encoder.eval()


def random_graphs(count: int, nodes: int = 7, seed: int = 0) -> GraphBatch:
    """Return graphs of 3 to `nodes` nodes: an input, operations, an output, then padding."""
    rng = np.random.default_rng(seed)
    adjacency = np.triu(rng.integers(0, 2, (count, nodes, nodes), dtype=np.uint8), 1)
    operations = rng.integers(3, len(VOCABULARY), (count, nodes))
    for row, live in enumerate(rng.integers(3, nodes + 1, count)):
        operations[row, 0], operations[row, live - 1], operations[row, live:] = 1, OUTPUT, PADDING
        adjacency[row, live:] = adjacency[row, :, live:] = 0
    return GraphBatch(adjacency, operations)


def encode(encoder: PairEncoder, graphs: GraphBatch) -> tuple[Logits, Logits]:
    with torch.no_grad():
        challenger, opponent = encoder(
            torch.from_numpy(graphs.adjacency).float(), torch.from_numpy(graphs.operations)
        )
    return challenger.double().numpy(), opponent.double().numpy()


def weights_of(encoder: PairEncoder) -> Weights:
    return {name: value.double().numpy() for name, value in encoder.state_dict().items()}


def eq_7(
    weights: Weights, adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Z = A relu(A X W0) W1 with self loops, X one-hot; the mean over the (padded) nodes."""
    looped = adjacency.astype(np.float64) + np.eye(len(adjacency))
    attributes = np.eye(len(VOCABULARY))[operations]
    attributes[operations == PADDING] = 0
    hidden = np.maximum(looped @ attributes @ weights["first"], 0)
    return (looped @ hidden @ weights["second"]).mean(axis=0)


def gcn_formula(
    weights: Weights, adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> tuple[float, float]:
    """Eq. 6 splits into the part of the first and the part of the second architecture."""
    features = eq_7(weights, adjacency, operations)
    first, second = np.split(weights["head.weight"][0], 2)
    return features @ first + weights["head.bias"][0], features @ second


def layer_norm(
    values: NDArray[np.float64], gain: NDArray[np.float64], shift: NDArray[np.float64]
) -> NDArray[np.float64]:
    return (values - values.mean()) / np.sqrt(values.var() + 1e-5) * gain + shift


def operation_features(rows: NDArray[np.float64], operation: int) -> NDArray[np.float64]:
    """Its own row and those of the parts of its name, each in the order of first mention."""
    parts = {name: [part for part in PARTS if part in name.split(".")] for name in VOCABULARY}
    mentioned = [each for name in VOCABULARY for each in (name, *parts[name])]
    order = list(dict.fromkeys(mentioned))
    name = VOCABULARY[operation]
    seen = [name, *parts[name]]
    return sum(rows[order.index(each)] for each in seen) / np.sqrt(len(seen))


def bidirectional_formula(
    weights: Weights, adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
) -> tuple[float, float]:
    """Node by node: a message from itself, from its successors and from its predecessors."""
    nodes = [node for node in range(len(operations)) if operations[node] != PADDING]
    features = {
        node: operation_features(weights["embedding.rows"], operations[node]) for node in nodes
    }
    layer = 0
    while f"convolutions.{layer}.weight" in weights:
        matrix, bias = (
            weights[f"convolutions.{layer}.weight"],
            weights[f"convolutions.{layer}.bias"],
        )
        sent = {node: np.split(matrix @ features[node] + bias, 3) for node in nodes}
        changed = {}
        for node in nodes:
            message = sent[node][0]
            message = message + sum(sent[other][1] for other in nodes if adjacency[node, other])
            message = message + sum(sent[other][2] for other in nodes if adjacency[other, node])
            changed[node] = layer_norm(
                features[node] + np.maximum(message, 0),
                weights[f"norms.{layer}.weight"],
                weights[f"norms.{layer}.bias"],
            )
        features = changed
        layer += 1
    (output,) = (node for node in nodes if operations[node] == OUTPUT)
    pooled = np.concatenate([features[output], 0.25 * sum(features.values())])
    hidden = np.maximum(weights["hidden.weight"] @ pooled + weights["hidden.bias"], 0)
    score = float(weights["score.weight"][0] @ hidden)
    return score, -score


@pytest.mark.parametrize(
    ("kind", "formula"), [("gcn", gcn_formula), ("bidirectional", bidirectional_formula)]
)
def test_encoder_computes_its_formula(kind: str, formula: Formula) -> None:
    encoder, graphs = random_encoder(kind), random_graphs(60)
    weights = weights_of(encoder)
    pairs = zip(graphs.adjacency, graphs.operations, strict=True)
    expected = np.array([formula(weights, *graph) for graph in pairs])
    assert np.ptp(expected) > 1
    challenger, opponent = encode(encoder, graphs)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(challenger, expected[:, 0], rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(opponent, expected[:, 1], rtol=0, atol=1e-5 * scale)


def test_probability_of_the_paper_is_a_linear_map_on_the_concatenated_features() -> None:
    encoder, graphs = random_encoder("gcn"), random_graphs(20)
    weights = weights_of(encoder)
    features = [eq_7(weights, *g) for g in zip(graphs.adjacency, graphs.operations, strict=True)]
    challenger, opponent = encode(encoder, graphs)
    for i, j in np.random.default_rng(0).integers(0, 20, (30, 2)):
        logit = np.concatenate([features[i], features[j]]) @ weights["head.weight"][0]
        logit += weights["head.bias"][0]
        assert challenger[i] + opponent[j] == pytest.approx(logit, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_the_nodes_does_not_matter(kind: str) -> None:
    encoder, graphs = random_encoder(kind), random_graphs(50)
    order = np.random.default_rng(1).permuted(np.tile(np.arange(7), (50, 1)), axis=1)
    rows = np.arange(50)[:, None]
    adjacency = graphs.adjacency[rows[:, :, None], order[:, :, None], order[:, None, :]]
    permuted = GraphBatch(adjacency, graphs.operations[rows, order])
    for before, after in zip(encode(encoder, graphs), encode(encoder, permuted), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4)


def test_more_padding_changes_no_bidirectional_logit() -> None:
    encoder, graphs = random_encoder("bidirectional"), random_graphs(50)
    adjacency = np.pad(graphs.adjacency, ((0, 0), (0, 4), (0, 4)))
    padded = GraphBatch(adjacency, np.pad(graphs.operations, ((0, 0), (0, 4))))
    for before, after in zip(encode(encoder, graphs), encode(encoder, padded), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("kind", "table"), [("gcn", "first"), ("bidirectional", "embedding.rows")])
def test_weights_of_the_padding_operation_have_no_influence(kind: str, table: str) -> None:
    encoder, graphs = random_encoder(kind), random_graphs(50)
    before = encode(encoder, graphs)
    with torch.no_grad():
        encoder.get_parameter(table)[PADDING] += 100
    for old, new in zip(before, encode(encoder, graphs), strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("kind", KINDS)
def test_direction_of_an_edge_matters(kind: str) -> None:
    encoder = random_encoder(kind)
    operations = np.array([[1, 3, 4, OUTPUT]])
    chain = np.zeros((1, 4, 4), np.uint8)
    chain[0, [0, 1, 2], [1, 2, 3]] = 1
    there = encode(encoder, GraphBatch(chain, operations))[0]
    back = encode(encoder, GraphBatch(chain.transpose(0, 2, 1).copy(), operations))[0]
    assert abs(there - back) > 1e-3


def test_scores_of_the_bidirectional_encoder_are_antisymmetric() -> None:
    challenger, opponent = encode(random_encoder("bidirectional"), random_graphs(50))
    np.testing.assert_array_equal(opponent, -challenger)


def test_dropout_acts_in_training_only() -> None:
    encoder, graphs = random_encoder("bidirectional"), random_graphs(50)
    np.testing.assert_array_equal(encode(encoder, graphs)[0], encode(encoder, graphs)[0])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        training = encode(encoder.train(), graphs)[0]
    assert not np.allclose(training, encode(encoder.eval(), graphs)[0])
