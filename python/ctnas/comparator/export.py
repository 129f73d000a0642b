"""Export to ONNX: `comparator.onnx` and `ranker.onnx` from one set of weights.

The graph is traced once; afterwards only its initializers are replaced, which takes a fraction of
a millisecond and makes it cheap to give a running search the latest weights.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnx.version_converter
import torch

from ctnas.app.silence import silenced
from ctnas.app.torch_state import own_modes
from ctnas.comparator.deployed import PairGraph, RankerGraph, deploy
from ctnas.comparator.runtime import DECLARATION, FORMAT_VERSION, IR_VERSION, OPSET
from ctnas.spaces import declaration_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ctnas.spaces import SearchSpace


class DeployedGraph:
    """An ONNX graph whose weights can be replaced.

    Args:
        kind: of the encoder, as `EncoderConfig.kind` names it.
        model: the serialized graph; its initializers are named `encoder.<name of fold>`.
        weights: what `PairEncoder.fold` returned.
    """

    def __init__(self, kind: str, model: bytes, weights: Mapping[str, Tensor]) -> None:
        self._kind = kind
        self._proto = onnx.load_model_from_string(model)
        self._initializers = {tensor.name: tensor for tensor in self._proto.graph.initializer}
        self.replace(weights)

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
    return DeployedGraph(kind, _traced(RankerGraph, kind, _shapes(weights), nodes), weights)


def pair_graph(kind: str, weights: Mapping[str, Tensor], nodes: int) -> DeployedGraph:
    """Return the graph of `comparator.onnx`: two architectures -> probability (Eq. 6)."""
    return DeployedGraph(kind, _traced(PairGraph, kind, _shapes(weights), nodes), weights)


def _shapes(weights: Mapping[str, Tensor]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(tensor.shape)) for name, tensor in weights.items())


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


_EXPORTED_OPSET = 18
"""Lowest opset that the exporter writes by itself."""


@lru_cache(maxsize=16)
def _traced(
    graph: type[RankerGraph | PairGraph],
    kind: str,
    shapes: tuple[tuple[str, tuple[int, ...]], ...],
    nodes: int,
) -> bytes:
    """Return the exported graph, with arbitrary weights.

    The weights differ from each other because the exporter merges tensors of equal values.
    """
    generator = torch.Generator().manual_seed(0)
    float32 = partial(torch.rand, generator=generator, dtype=torch.float32, device="cpu")
    weights = {name: float32(shape) for name, shape in shapes}
    batch = torch.export.Dim("batch", min=1)
    example = [
        torch.zeros((2, nodes, nodes), dtype=torch.uint8, device="cpu")
        if name.startswith("adjacency")
        else torch.zeros((2, nodes), dtype=torch.int64, device="cpu")
        for name in graph.inputs
    ]
    # The exporter warns about its own internals; what it returns is tested against PyTorch.
    with own_modes(), silenced():
        program = torch.onnx.export(
            graph(deploy(kind, weights)).eval(),
            tuple(example),
            input_names=graph.inputs,
            output_names=graph.outputs,
            opset_version=_EXPORTED_OPSET,
            dynamic_shapes=tuple({0: batch} for _ in graph.inputs),
            dynamo=True,
            optimize=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("the exporter returned no program")
    model = onnx.version_converter.convert_version(program.model_proto, OPSET)
    model.ir_version = IR_VERSION
    _forget_source(model.graph)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _forget_source(graph: onnx.GraphProto) -> None:
    """Remove the exporter's notes: they quote source files and their paths on this machine."""
    for described in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        described.ClearField("metadata_props")
        described.ClearField("doc_string")
