"""Export to ONNX: `comparator.onnx` and `ranker.onnx` from one set of weights.

Once a graph is made only its initializers are replaced, which takes a fraction of a millisecond
and makes it cheap to give a running search the latest weights.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import onnx

from ctnas.comparator.deployed import pair_model, ranker_model
from ctnas.comparator.runtime import DECLARATION, FORMAT_VERSION
from ctnas.spaces import declaration_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ctnas.spaces import SearchSpace


class DeployedGraph:
    """An ONNX graph whose weights can be replaced.

    Args:
        kind: of the encoder, as `EncoderConfig.kind` names it.
        model: the graph; its initializers are named `encoder.<name of fold>`.
    """

    def __init__(self, kind: str, model: onnx.ModelProto) -> None:
        onnx.checker.check_model(model)
        self._kind, self._proto = kind, model
        self._initializers = {tensor.name: tensor for tensor in model.graph.initializer}

    def replace(self, weights: Mapping[str, Tensor]) -> None:
        """Put other folded weights of equal shapes in place of the present ones."""
        for name, tensor in weights.items():
            values = np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
            self._initializers[f"encoder.{name}"].raw_data = values.tobytes()

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Set the metadata properties, beside the encoder's kind: the core computes by it."""
        onnx.helper.set_model_props(self._proto, {**metadata, "ctnas.encoder": self._kind})

    def to_bytes(self) -> bytes:
        """Return the model as an ONNX file holds it."""
        return bytes(self._proto.SerializeToString())


def ranker_graph(kind: str, weights: Mapping[str, Tensor], nodes: int) -> DeployedGraph:
    """Return `adjacency, operations -> challenger_logit, opponent_logit` (N encodings for N^2)."""
    return DeployedGraph(kind, ranker_model(kind, weights, nodes))


def pair_graph(kind: str, weights: Mapping[str, Tensor], nodes: int) -> DeployedGraph:
    """Return the graph of `comparator.onnx`: two architectures -> probability (Eq. 6)."""
    return DeployedGraph(kind, pair_model(kind, weights, nodes))


def space_metadata(space: SearchSpace) -> dict[str, str]:
    """Return the metadata that ties an exported comparator to its space.

    The space is declared there; one that only a function can wire is named.
    """
    declared = declaration_text(space)
    return {
        **({} if declared is None else {DECLARATION: declared}),
        "ctnas.format": FORMAT_VERSION,
        "ctnas.space": space.name,
        "ctnas.nodes": str(space.nodes),
        "ctnas.vocabulary": json.dumps(space.vocabulary),
        "ctnas.vocabulary_size": str(len(space.vocabulary)),
    }


def weights_hash(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of folded weights, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(weights[name].detach().numpy()).tobytes())
    return digest.hexdigest()
