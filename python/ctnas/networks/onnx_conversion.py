"""A traced network as an ONNX model of old operators that any runtime knows.

PyTorch's own exporter takes several times as long and needs newer operators. The networks of this
package use about twenty operations, each of which is an operator here. 1x1 convolutions, which
PyTorch computes as matrix products of channels-last images, become convolutions again; what
depends on constants only is computed at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor
from torch.fx import Node, map_arg

from ctnas.errors import ModelError
from ctnas.networks.onnx_graph import INPUT, Graph

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import onnx
    from torch.export import ExportedProgram

_aten = torch.ops.aten
_SPATIAL = [2, 3]


@dataclass(frozen=True, slots=True)
class Computed:
    """What the graph computes.

    Attributes:
        name: in the graph.
        shape: of the example that was traced.
        channels_last: whether the network sees [B, H, W, C] where the graph has [B, C, H, W].
    """

    name: str
    shape: tuple[int, ...]
    channels_last: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """Weights, or what was computed from them."""

    name: str
    values: Tensor


Value: TypeAlias = Computed | Constant


def onnx_model(program: ExportedProgram) -> onnx.ModelProto:
    """Return a network as an ONNX model; its batch is dynamic where that of the program is.

    Args:
        program: takes images uint8 [B, C, H, W], returns logits [B, classes].

    Raises:
        ModelError: if it uses an operation that no network of this package has.
    """
    constants = _constants(program)
    values: dict[Node, Value] = {}
    graph, shape = Graph(), (0,)
    for node in program.graph.nodes:
        if node.name in constants:
            values[node] = constants[node.name]
        elif node.op == "placeholder":
            shape = tuple(node.meta["val"].shape)
            values[node] = Computed(INPUT, _numbers(shape))
        elif node.op == "call_function" and isinstance(node.meta.get("val"), Tensor):
            # What is no tensor is the number of images, which shapes alone depend on.
            values[node] = _convert(graph, node, values)
    (output,) = program.graph.output_node().args[0]
    result = values[output]
    batch = shape[0] if isinstance(shape[0], int) else None
    sizes = (batch, *_numbers(shape[1:]))
    return graph.model(result.name, sizes, int(output.meta["val"].shape[1]), version("ctnas"))


def _constants(program: ExportedProgram) -> dict[str, Constant]:
    """Return weights and other constants by the names of their placeholders."""
    signature = program.graph_signature
    stored = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    held = {**program.constants, **program.state_dict}
    return {place: Constant(name, held[name].detach()) for place, name in stored.items()}


def _numbers(shape: Sequence[Any]) -> tuple[int, ...]:
    """Return sizes as numbers; an unknown batch counts 1."""
    return tuple(size if isinstance(size, int) else 1 for size in shape)


def _convert(graph: Graph, node: Node, values: dict[Node, Value]) -> Value:
    """Return what a node puts out, after adding what computes it."""
    read = [values[source] for source in node.all_input_nodes if source in values]
    if read and all(isinstance(value, Constant) for value in read):
        return Constant(f"/{node.name}", _computed(node, values))
    rule = _RULES.get(node.target)
    if rule is None:
        raise ModelError(f"there is no ONNX operator for {node.target} ({node.name})")
    # A value of the graph stands in place of the node that it is the result of.
    known: Callable[[Node], Any] = values.get
    return rule(_Call(graph, node), *map_arg(node.args, known), **node.kwargs)


def _computed(node: Node, values: dict[Node, Value]) -> Tensor:
    def tensor(source: Node) -> Any:
        value = values[source]
        assert isinstance(value, Constant)
        return value.values

    with torch.no_grad():
        operation: Any = node.target
        result: Tensor = operation(*map_arg(node.args, tensor), **map_arg(node.kwargs, tensor))
    return result


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation on its way into the graph."""

    graph: Graph
    node: Node

    @property
    def name(self) -> str:
        # No weight is named so.
        return f"/{self.node.name}"

    @property
    def shape(self) -> tuple[int, ...]:
        return _numbers(self.node.meta["val"].shape)

    def add(self, operator: str, *inputs: Value | str, **attributes: Any) -> Computed:
        """Add the operator that puts out what the operation does."""
        return Computed(self._add(self.name, operator, inputs, attributes), self.shape)

    def step(self, name: str, operator: str, *inputs: Value | str, **attributes: Any) -> str:
        """Add an operator on the way; return the name of its result."""
        return self._add(f"{self.name}/{name}", operator, inputs, attributes)

    def _add(
        self, name: str, operator: str, inputs: Sequence[Value | str], attributes: dict[str, Any]
    ) -> str:
        return self.graph.add(name, operator, *map(self._name, inputs), **attributes)

    def _name(self, value: Value | str) -> str:
        if isinstance(value, Constant):
            return self.graph.tensor(value.name, value.values)
        if isinstance(value, Computed):
            if value.channels_last:
                raise ModelError(f"{self.node.name} cannot read features whose channels come last")
            return value.name
        return value


def _same(_: _Call, features: Computed, *__: object, **___: object) -> Computed:
    """Leave features as they are: memory formats and types of the trace mean nothing here."""
    return features


def _permute(call: _Call, features: Computed, order: Sequence[int]) -> Computed:
    to_last, to_first = [0, 2, 3, 1], [0, 3, 1, 2]
    expected = to_first if features.channels_last else to_last
    if list(order) != expected:
        raise ModelError(f"{call.node.name} orders axes as {list(order)}, not {expected}")
    return Computed(features.name, call.shape, not features.channels_last)


def _linear(
    call: _Call, features: Computed, weight: Constant, bias: Constant | None = None
) -> Computed:
    more = [] if bias is None else [bias]
    if not features.channels_last:
        return call.add("Gemm", features, weight, *more, transB=1)
    square = Constant(weight.name, weight.values[:, :, None, None])
    name = call.graph.add(
        call.name, "Conv", features.name, call.graph.tensor(square.name, square.values)
    )
    return Computed(name, call.shape, channels_last=True)


def _convolution(
    call: _Call,
    features: Computed,
    weight: Constant,
    bias: Constant | None = None,
    stride: Sequence[int] = (1, 1),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    groups: int = 1,
) -> Computed:
    more = [] if bias is None else [bias]
    return call.add(
        "Conv",
        features,
        weight,
        *more,
        strides=_pair(stride),
        pads=_pair(padding) * 2,
        dilations=_pair(dilation),
        group=groups,
    )


def _pair(sizes: Sequence[int]) -> list[int]:
    return list(sizes) if len(sizes) == 2 else list(sizes) * 2


def _normalize(
    call: _Call,
    features: Computed,
    weight: Constant | None,
    bias: Constant | None,
    mean: Constant,
    variance: Constant,
    _training: bool,
    _momentum: float,
    epsilon: float,
    *_: object,
) -> Computed:
    plain = torch.ones_like(mean.values)
    scale = weight or Constant(f"ones_{len(plain)}", plain)
    shift = bias or Constant(f"zeros_{len(plain)}", torch.zeros_like(plain))
    return call.add("BatchNormalization", features, scale, shift, mean, variance, epsilon=epsilon)


def _max_pool(
    call: _Call,
    features: Computed,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    ceil_mode: bool = False,
) -> Computed:
    del ceil_mode
    if set(dilation) != {1}:
        raise ModelError(f"{call.node.name} is a pooling of dilation {list(dilation)}")
    window = _window(call, features, kernel, stride, padding)
    return call.add("MaxPool", features, **window)


def _average_pool(
    call: _Call,
    features: Computed,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Computed:
    del ceil_mode
    if divisor is not None or (count_include_pad and any(padding)):
        raise ModelError(f"{call.node.name} averages over pixels outside the image")
    window = _window(call, features, kernel, stride, padding)
    return call.add("AveragePool", features, count_include_pad=0, **window)


def _window(
    call: _Call,
    features: Computed,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
) -> dict[str, list[int]]:
    """Return the window of a pooling; a last one that is cut off becomes padding at the end."""
    kernels, strides, before = _pair(kernel), _pair(stride or kernel), _pair(padding)
    after = [
        max(before[axis], (put_out - 1) * strides[axis] + kernels[axis] - size - before[axis])
        for axis, (size, put_out) in enumerate(zip(features.shape[2:], call.shape[2:], strict=True))
    ]
    return {"kernel_shape": kernels, "strides": strides, "pads": [*before, *after]}


def _mean(
    call: _Call, features: Computed, axes: Sequence[int], keepdim: bool = False, **_: object
) -> Computed:
    if [axis % len(features.shape) for axis in axes] != _SPATIAL:
        raise ModelError(f"{call.node.name} is a mean over axes {list(axes)}, not {_SPATIAL}")
    if keepdim:
        return call.add("GlobalAveragePool", features)
    return call.add("Flatten", call.step("pooled", "GlobalAveragePool", features), axis=1)


def _adaptive_pool(call: _Call, features: Computed, size: Sequence[int]) -> Computed:
    if set(size) != {1}:
        raise ModelError(f"{call.node.name} pools to {list(size)} pixels, not to one")
    return call.add("GlobalAveragePool", features)


def _slice(
    call: _Call,
    features: Computed,
    axis: int = 0,
    start: int | None = None,
    stop: int | None = None,
    step: int = 1,
) -> Computed:
    if call.shape == features.shape:
        return features
    places = ([start or 0], [features.shape[axis] if stop is None else stop], [axis], [step])
    return call.add("Slice", features, *map(call.graph.integers, places))


def _pad(
    call: _Call, features: Computed, amounts: Sequence[int], mode: str = "constant", *_: object
) -> Computed:
    if not any(amounts):
        return features
    if mode != "constant" or len(amounts) != 4:
        raise ModelError(f"{call.node.name} pads by {list(amounts)} in mode {mode!r}")
    left, right, top, bottom = amounts
    pads = call.graph.integers([0, 0, top, left, 0, 0, bottom, right])
    return call.add("Pad", features, pads)


def _flatten(call: _Call, features: Computed, start: int = 0, stop: int = -1) -> Computed:
    if (start, stop) != (1, -1):
        raise ModelError(f"{call.node.name} flattens axes {start} to {stop}, not 1 to the last")
    return call.add("Flatten", features, axis=1)


def _concatenate(call: _Call, parts: Sequence[Computed], axis: int = 0) -> Computed:
    return call.add("Concat", *parts, axis=axis)


def _hard_swish(call: _Call, features: Computed) -> Computed:
    gate = call.step("gate", "HardSigmoid", features, alpha=1 / 6, beta=0.5)
    return call.add("Mul", features, gate)


def _hard_sigmoid(call: _Call, features: Computed) -> Computed:
    return call.add("HardSigmoid", features, alpha=1 / 6, beta=0.5)


def _to_float(call: _Call, features: Computed, *_: object, **__: object) -> Computed:
    return call.add("Cast", features, to=1) if features.name == INPUT else features


def _zeros(call: _Call, like: Computed, *_: object, **__: object) -> Computed:
    """Add zeros of as many images as there are."""
    one = call.graph.integers([1])
    count = call.step(
        "count", "Slice", call.step("shape", "Shape", like), call.graph.integers([0]), one
    )
    sizes = call.graph.integers(call.shape[1:])
    return call.add("ConstantOfShape", call.step("sizes", "Concat", count, sizes, axis=0))


def _plain(operator: str) -> Callable[..., Computed]:
    """Return the rule of an operation that is an operator with the same inputs."""

    def rule(call: _Call, *inputs: Value) -> Computed:
        return call.add(operator, *inputs)

    return rule


_RULES: dict[Any, Callable[..., Computed]] = {
    _aten.adaptive_avg_pool2d.default: _adaptive_pool,
    _aten.add.Tensor: _plain("Add"),
    _aten.avg_pool2d.default: _average_pool,
    _aten.batch_norm.default: _normalize,
    _aten.cat.default: _concatenate,
    _aten.contiguous.default: _same,
    _aten.conv2d.default: _convolution,
    _aten.div.Tensor: _plain("Div"),
    _aten.flatten.using_ints: _flatten,
    _aten.hardsigmoid.default: _hard_sigmoid,
    _aten.hardswish.default: _hard_swish,
    _aten.hardswish_.default: _hard_swish,
    _aten.linear.default: _linear,
    _aten.max_pool2d.default: _max_pool,
    _aten.mean.dim: _mean,
    _aten.mul.Tensor: _plain("Mul"),
    _aten.new_zeros.default: _zeros,
    _aten.pad.default: _pad,
    _aten.permute.default: _permute,
    _aten.relu.default: _plain("Relu"),
    _aten.relu_.default: _plain("Relu"),
    _aten.slice.Tensor: _slice,
    _aten.sub.Tensor: _plain("Sub"),
    _aten.to.dtype: _to_float,
    _aten.zeros_like.default: _zeros,
}
