"""An ONNX graph that grows node by node, and the model around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

OPSET = 13
"""Every ONNX Runtime since 1.6 knows it."""

IR_VERSION = 7
"""The oldest that may hold that opset."""

INPUT, OUTPUT = "images", "logits"
_BATCH = "batch"


@dataclass(slots=True)
class Graph:
    """An ONNX graph that grows node by node, in the order of computation.

    Attributes:
        nodes: what is computed.
        constants: by name; each is held once.
    """

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def add(self, name: str, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node whose one output has this name; return the name."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def tensor(self, name: str, values: Tensor) -> str:
        """Hold a constant under a name; return the name."""
        if name not in self.constants:
            array = values.detach().cpu().contiguous().numpy()
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def integers(self, values: Sequence[int]) -> str:
        """Hold integers, int64 [N]; return their name."""
        name = "integers_" + "_".join(map(str, values))
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(values, dtype=np.int64), name)
        return name

    def model(
        self, result: str, shape: Sequence[int | None], classes: int, producer: str
    ) -> onnx.ModelProto:
        """Return the model that takes images and returns a result.

        Args:
            result: name of the logits.
            shape: batch (None where it is dynamic), channels, height and width of the images.
            classes: number of logits.
            producer: version of what wrote it.

        Raises:
            onnx.checker.ValidationError: if the graph is no valid one.
        """
        batch = shape[0] or _BATCH
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [OUTPUT if name == result else name for name in names]
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [batch, *shape[1:]])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [batch, classes])],
            list(self.constants.values()),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="ctnas",
            producer_version=producer,
        )
        onnx.checker.check_model(model, full_check=True)
        return model
