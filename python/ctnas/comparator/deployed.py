"""The comparator as it is deployed, in ONNX: only tables, products and a sigmoid.

Its weights are what `PairEncoder.fold` returned. They are initializers of the same names, so that
a refresh replaces them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ctnas.architecture import OUTPUT, PADDING
from ctnas.comparator.encoders import NODES_SCALE
from ctnas.comparator.runtime import IR_VERSION, OPSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

LAYER_NORM_EPSILON = 1e-5


class GraphWriter:
    """Writes an ONNX graph of encoders that share their weights.

    Calling it adds a node and returns the name of its output.

    Args:
        kind: of the encoder, as `EncoderConfig.kind` names it.
        weights: what `PairEncoder.fold` returned.
        nodes: V, of the graphs that are encoded.
    """

    def __init__(self, kind: str, weights: Mapping[str, Tensor], nodes: int) -> None:
        self._kind, self._weights, self._nodes = kind, weights, nodes
        self._inputs: list[onnx.ValueInfoProto] = []
        self._steps: list[onnx.NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}

    def __call__(self, operator: str, *inputs: str, called: str = "", **attributes: Any) -> str:
        """Add a node; its output is `called` so where that is given."""
        output = called or f"value_{len(self._steps)}"
        self._steps.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def encoded(self, suffix: str = "") -> str:
        """Add inputs `adjacency` and `operations` and an encoder; return its logits [N, 2]."""
        adjacency, operations = f"adjacency{suffix}", f"operations{suffix}"
        row: list[str | int | None] = ["batch", self._nodes]
        self._inputs += [
            helper.make_tensor_value_info(adjacency, TensorProto.UINT8, [*row, self._nodes]),
            helper.make_tensor_value_info(operations, TensorProto.INT64, row),
        ]
        wired = self("Cast", adjacency, to=TensorProto.FLOAT)
        encode = self._gcn if self._kind == "gcn" else self._bidirectional
        return encode(wired, operations)

    def column(self, logits: str, number: int, called: str = "") -> str:
        """Return the challenger's (0) or the opponent's (1) logits, [N]."""
        return self("Gather", logits, self._constant(number), axis=1, called=called)

    def model(self, outputs: tuple[str, ...]) -> onnx.ModelProto:
        """Return the graph, whose outputs are float32 [N]."""
        known = {f"encoder.{name}": tensor for name, tensor in self._weights.items()}
        arrays = {
            **{name: tensor.detach().float().numpy() for name, tensor in known.items()},
            **self._constants,
        }
        graph = helper.make_graph(
            self._steps,
            "comparator",
            self._inputs,
            [helper.make_tensor_value_info(each, TensorProto.FLOAT, ["batch"]) for each in outputs],
            [numpy_helper.from_array(array, name) for name, array in arrays.items()],
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(
            graph, producer_name="ctnas", ir_version=IR_VERSION, opset_imports=opsets
        )

    def _gcn(self, adjacency: str, operations: str) -> str:
        """Eq. 6-7 with the mean over nodes taken before the last linear map."""
        features = self("Gather", "encoder.table", operations)
        features = self("Mul", features, self._per_node(self._live(operations)))
        looped = self("Add", adjacency, self._constant(np.eye(self._nodes, dtype=np.float32)))
        features = self("Relu", self("MatMul", looped, features))
        shares = self("ReduceSum", looped, self._constant([1]), keepdims=1)
        shares = self("Div", shares, self._constant(np.float32(self._nodes)))
        pooled = self("Squeeze", self("MatMul", shares, features), self._constant([1]))
        return self("Add", self("MatMul", pooled, "encoder.head_weight"), "encoder.head_bias")

    def _bidirectional(self, adjacency: str, operations: str) -> str:
        """The bidirectional encoder with its first layer as a table."""
        reversed_ = self("Transpose", adjacency, perm=[0, 2, 1])
        features = self("Gather", "encoder.embedding", operations)
        messages = self("Gather", "encoder.table", operations)
        layers = sum(name.startswith("gain_") for name in self._weights)
        for layer in range(layers):
            if layer:
                messages = self("MatMul", features, f"encoder.weight_{layer}")
                messages = self("Add", messages, f"encoder.bias_{layer}")
            gathered = self("Relu", self._gathered(adjacency, reversed_, messages))
            features = self(
                "LayerNormalization",
                *(self("Add", features, gathered), f"encoder.gain_{layer}"),
                f"encoder.shift_{layer}",
                epsilon=LAYER_NORM_EPSILON,
            )
        pooled = self("Flatten", self("MatMul", self._readout(operations), features))
        hidden = self("MatMul", pooled, "encoder.hidden_weight")
        hidden = self("Relu", self("Add", hidden, "encoder.hidden_bias"))
        return self("MatMul", hidden, "encoder.head_weight")

    def _gathered(self, adjacency: str, reversed_: str, messages: str) -> str:
        """Return the sum of each node's own message, its successors' and its predecessors'."""
        parts = [f"{messages}_{part}" for part in ("own", "successors", "predecessors")]
        self._steps.append(helper.make_node("Split", [messages], parts, axis=2))
        own, successors, predecessors = parts
        forward = self("Add", own, self("MatMul", adjacency, successors))
        return self("Add", forward, self("MatMul", reversed_, predecessors))

    def _readout(self, operations: str) -> str:
        """Return [N, 2, V]: the output node, and the scaled sum of live nodes."""
        ends = self("Equal", operations, self._constant(OUTPUT))
        scaled = self("Mul", self._live(operations), self._constant(np.float32(NODES_SCALE)))
        rows = [self("Cast", ends, to=TensorProto.FLOAT), scaled]
        return self("Concat", *(self("Unsqueeze", r, self._constant([1])) for r in rows), axis=1)

    def _live(self, operations: str) -> str:
        """Return float [N, V]: 1 for nodes, 0 for padding."""
        padded = self("Equal", operations, self._constant(PADDING))
        return self("Cast", self("Not", padded), to=TensorProto.FLOAT)

    def _per_node(self, values: str) -> str:
        return self("Unsqueeze", values, self._constant([2]))

    def _constant(self, value: Any) -> str:
        """Return the name of a constant; numbers and lists of Python are int64."""
        array = np.asarray(value)
        for name, known in self._constants.items():
            if known.dtype == array.dtype and np.array_equal(known, array):
                return name
        name = f"constant_{len(self._constants)}"
        self._constants[name] = array
        return name


def ranker_model(kind: str, weights: Mapping[str, Tensor], nodes: int) -> onnx.ModelProto:
    """Return `adjacency, operations -> challenger_logit [N], opponent_logit [N]`."""
    graph = GraphWriter(kind, weights, nodes)
    logits = graph.encoded()
    return graph.model(
        (graph.column(logits, 0, "challenger_logit"), graph.column(logits, 1, "opponent_logit"))
    )


def pair_model(kind: str, weights: Mapping[str, Tensor], nodes: int) -> onnx.ModelProto:
    """Return `adjacency_a, operations_a, adjacency_b, operations_b -> probability [N]` (Eq. 6)."""
    graph = GraphWriter(kind, weights, nodes)
    challenger, opponent = graph.encoded("_a"), graph.encoded("_b")
    margin = graph("Add", graph.column(challenger, 0), graph.column(opponent, 1))
    return graph.model((graph("Sigmoid", margin, called="probability"),))
