"""Small comparators as ONNX bytes, built by hand: an oracle that owes nothing to the export.

Run as a program, it writes the models that the C++ tests read: `python models.py DIRECTORY`.
"""

import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
WIDTH = 8


@dataclass(frozen=True)
class Weights:
    """A linear graph model: every quantity is a sum over nodes and edges."""

    embedding: NDArray[np.float32]  # [vocabulary_size, WIDTH]
    head: NDArray[np.float32]  # [WIDTH, 2]: challenger and opponent

    @classmethod
    def draw(cls, vocabulary_size: int, seed: int) -> "Weights":
        rng = np.random.default_rng(seed)
        return cls(
            rng.normal(size=(vocabulary_size, WIDTH)).astype(np.float32),
            rng.normal(size=(WIDTH, 2)).astype(np.float32),
        )

    def logits(
        self, adjacency: NDArray[np.uint8], operations: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """What the model computes, in float64: [N, 2]."""
        embedded = self.embedding.astype(np.float64)[operations]
        hidden = np.maximum(adjacency @ embedded + embedded, 0.0)
        return hidden.mean(axis=1) @ self.head.astype(np.float64)


@dataclass(frozen=True)
class ModelShape:
    """Everything about a model that is not a weight."""

    nodes: int = 7
    vocabulary_size: int = 6
    metadata: dict[str, str] = field(default_factory=dict)

    def properties(self) -> dict[str, str]:
        return {
            "ctnas.format": "1",
            "ctnas.nodes": str(self.nodes),
            "ctnas.vocabulary_size": str(self.vocabulary_size),
            **self.metadata,
        }


def _encode_nodes(suffix: str) -> list[onnx.NodeProto]:
    def name(tensor: str) -> str:
        return tensor + suffix

    return [
        helper.make_node("Cast", [name("adjacency")], [name("edges")], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["embedding", name("operations")], [name("embedded")]),
        helper.make_node("MatMul", [name("edges"), name("embedded")], [name("message")]),
        helper.make_node("Add", [name("message"), name("embedded")], [name("total")]),
        helper.make_node("Relu", [name("total")], [name("hidden")]),
        helper.make_node("ReduceMean", [name("hidden")], [name("mean")], axes=[1], keepdims=0),
        helper.make_node("MatMul", [name("mean"), "head"], [name("logits")]),
    ]


def _inputs(suffix: str, nodes: int) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(
            "adjacency" + suffix, TensorProto.UINT8, ["batch", nodes, nodes]
        ),
        helper.make_tensor_value_info("operations" + suffix, TensorProto.INT64, ["batch", nodes]),
    ]


def _model(
    shape: ModelShape,
    weights: Weights,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[str],
) -> bytes:
    constants = [
        numpy_helper.from_array(weights.embedding, "embedding"),
        numpy_helper.from_array(weights.head, "head"),
        numpy_helper.from_array(np.array(0), "challenger"),
        numpy_helper.from_array(np.array(1), "opponent"),
    ]
    return _serialize(shape, nodes, inputs, outputs, constants)


def _serialize(
    shape: ModelShape,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[str],
    constants: list[onnx.TensorProto],
) -> bytes:
    scores = [helper.make_tensor_value_info(o, TensorProto.FLOAT, ["batch"]) for o in outputs]
    graph = helper.make_graph(nodes, "comparator", inputs, scores, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(model, shape.properties())
    return model.SerializeToString()


def ranker(shape: ModelShape, weights: Weights) -> bytes:
    """`ranker.onnx`: adjacency, operations -> challenger_logit, opponent_logit."""
    nodes = [
        *_encode_nodes(""),
        helper.make_node("Gather", ["logits", "challenger"], ["challenger_logit"], axis=1),
        helper.make_node("Gather", ["logits", "opponent"], ["opponent_logit"], axis=1),
    ]
    outputs = ["challenger_logit", "opponent_logit"]
    return _model(shape, weights, nodes, _inputs("", shape.nodes), outputs)


def known_ranker(shape: ModelShape, weights: Weights) -> bytes:
    """The paper's encoder with the names of the export: one that the core can compute itself."""
    embedding = weights.embedding.copy()
    embedding[0] = 0.0  # padding adds nothing to its neighbors
    nodes = [
        helper.make_node("Cast", ["adjacency"], ["edges"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["edges", "loops"], ["looped"]),
        helper.make_node("Gather", ["encoder.table", "operations"], ["embedded"]),
        helper.make_node("MatMul", ["looped", "embedded"], ["total"]),
        helper.make_node("Relu", ["total"], ["hidden"]),
        helper.make_node("ReduceMean", ["looped"], ["uses"], axes=[1], keepdims=1),
        helper.make_node("MatMul", ["uses", "hidden"], ["row"]),
        helper.make_node("Squeeze", ["row", "one"], ["mean"]),
        helper.make_node("MatMul", ["mean", "encoder.head_weight"], ["scores"]),
        helper.make_node("Add", ["scores", "encoder.head_bias"], ["logits"]),
        helper.make_node("Gather", ["logits", "zero"], ["challenger_logit"], axis=1),
        helper.make_node("Gather", ["logits", "first"], ["opponent_logit"], axis=1),
    ]
    constants = [
        numpy_helper.from_array(embedding, "encoder.table"),
        numpy_helper.from_array(weights.head, "encoder.head_weight"),
        numpy_helper.from_array(np.array([0.5, -0.25], np.float32), "encoder.head_bias"),
        numpy_helper.from_array(np.eye(shape.nodes, dtype=np.float32), "loops"),
        numpy_helper.from_array(np.array([1]), "one"),
        numpy_helper.from_array(np.array(0), "zero"),
        numpy_helper.from_array(np.array(1), "first"),
    ]
    declared = replace(shape, metadata={**shape.metadata, "ctnas.encoder": "gcn"})
    outputs = ["challenger_logit", "opponent_logit"]
    return _serialize(declared, nodes, _inputs("", shape.nodes), outputs, constants)


def comparator(shape: ModelShape, weights: Weights) -> bytes:
    """`comparator.onnx`: two architectures -> probability."""
    nodes = [
        *_encode_nodes("_a"),
        *_encode_nodes("_b"),
        helper.make_node("Gather", ["logits_a", "challenger"], ["challenger_logit"], axis=1),
        helper.make_node("Gather", ["logits_b", "opponent"], ["opponent_logit"], axis=1),
        helper.make_node("Add", ["challenger_logit", "opponent_logit"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    inputs = [*_inputs("_a", shape.nodes), *_inputs("_b", shape.nodes)]
    return _model(shape, weights, nodes, inputs, ["probability"])


def random_graphs(
    shape: ModelShape, count: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Architectures with every upper-triangular edge present in one case of two."""
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, 2, size=(count, shape.nodes, shape.nodes), dtype=np.uint8)
    operations = rng.integers(0, shape.vocabulary_size, size=(count, shape.nodes), dtype=np.int64)
    return np.triu(edges, 1), operations


def _write_mixed_directory(directory: Path, space: dict[str, str], weights: Weights) -> None:
    """Write the two models of two comparators into one directory."""
    directory.mkdir(exist_ok=True)
    for name, build in (("ranker", ranker), ("comparator", comparator)):
        shape = ModelShape(metadata={**space, "ctnas.weights_hash": f"hash of the {name}"})
        (directory / f"{name}.onnx").write_bytes(build(shape, weights))


def _write_models(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    shape = ModelShape()
    weights = Weights.draw(shape.vocabulary_size, seed=0)
    fresh = Weights.draw(shape.vocabulary_size, seed=1)
    names = ["padding", "input", "output", "conv", "pool", "süm"]
    space = {"ctnas.space": "made up", "ctnas.vocabulary": json.dumps(names)}
    few = {**space, "ctnas.vocabulary": json.dumps(names[1:])}
    bad = Weights(weights.embedding, np.full_like(weights.head, np.nan))
    models = {
        "ranker.onnx": ranker(shape, weights),
        "ranker_fresh.onnx": ranker(shape, fresh),
        "ranker_known.onnx": known_ranker(shape, weights),
        "ranker_known_fresh.onnx": known_ranker(shape, fresh),
        "ranker_nan.onnx": ranker(shape, bad),
        "ranker_future.onnx": ranker(ModelShape(metadata={"ctnas.format": "2"}), weights),
        "ranker_small.onnx": ranker(ModelShape(nodes=5), weights),
        "ranker_named.onnx": ranker(ModelShape(metadata=space), weights),
        "ranker_few_names.onnx": ranker(ModelShape(metadata=few), weights),
        "comparator.onnx": comparator(shape, weights),
    }
    for name, model in models.items():
        (directory / name).write_bytes(model)
    _write_mixed_directory(directory / "mixed", {**space}, weights)


if __name__ == "__main__":
    _write_models(Path(sys.argv[1]))
