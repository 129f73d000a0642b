"""The network of the MobileNetV3-like space, layer by layer, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.errors import ConfigurationError
from ctnas.spaces.space import Costs

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Float64Array, Int64Array

UNITS = 5
"""Units of layers whose number and shape are decided."""
DEPTHS = (2, 3, 4)
"""Numbers of layers that a unit may have."""
KERNELS = (3, 5, 7)
"""Sizes of a layer's depthwise kernel, pixels."""
EXPANSIONS = (3, 4, 6)
"""Channels inside a layer, in units of its input channels."""
UNIT_LAYERS = max(DEPTHS)
"""Layers of the deepest unit."""

# MobileNetV3-Large as the once-for-all network builds it.
_STEM_CHANNELS = 16
_UNIT_CHANNELS = (24, 40, 80, 112, 160)
_HAS_SQUEEZE = (False, True, False, True, True)
_USES_HARD_SWISH = (False, False, True, True, True)
_FINAL_CHANNELS, _FEATURES = 960, 1280
_DIVISOR = 8
_SQUEEZE = 4
_STEM_KERNEL = 3


@dataclass(frozen=True, slots=True)
class LayerShape:
    """One inverted bottleneck layer of the largest network.

    Attributes:
        unit: that it belongs to, counted from 0.
        position: in its unit, counted from 0.
        inputs: channels that it reads.
        outputs: channels that it puts out.
        stride: of the depthwise convolution.
        input_size: height and width of its input, pixels.
        size: height and width of its output, pixels.
        squeeze: whether it has a squeeze-and-excitation block.
        hard_swish: whether its activation is hard swish; ReLU otherwise.
    """

    unit: int
    position: int
    inputs: int
    outputs: int
    stride: int
    input_size: int
    size: int
    squeeze: bool
    hard_swish: bool

    @property
    def residual(self) -> bool:
        """Whether the input is added to the output."""
        return self.stride == 1 and self.inputs == self.outputs

    def hidden(self, expansion: int) -> int:
        """Return the channels of the depthwise convolution."""
        return divisible_channels(self.inputs * expansion)


@dataclass(frozen=True, slots=True)
class MobileNetV3Layout:
    """Stem, five units of inverted bottleneck layers, two last convolutions, classifier.

    The defaults are the once-for-all network of width 1.0 on ImageNet. A stem of stride 1 suits
    images of 32 pixels.

    Attributes:
        width: all channels are multiplied by it and rounded to a multiple of 8.
        image_size: height and width of an image, pixels.
        image_channels: 1 for grey images, 3 for color.
        classes: number of classes.
        stem_stride: of the first convolution.
        unit_strides: of the first layer of each unit.

    Raises:
        ConfigurationError: if a value is not allowed.
    """

    width: float = 1.0
    image_size: int = 224
    image_channels: int = 3
    classes: int = 1000
    stem_stride: int = 2
    unit_strides: tuple[int, ...] = (2, 2, 2, 1, 2)

    def __post_init__(self) -> None:
        for name in ("image_size", "image_channels", "classes"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigurationError(
                    f"{name} must be a whole number of at least 1, not {value!r}"
                )
        if not (isfinite(self.width) and self.width > 0):
            raise ConfigurationError(f"width must be above 0, not {self.width}")
        if len(self.unit_strides) != UNITS:
            raise ConfigurationError(
                f"unit_strides must be {UNITS} numbers, not {len(self.unit_strides)}"
            )
        for stride in (self.stem_stride, *self.unit_strides):
            if stride not in (1, 2):
                raise ConfigurationError(f"a stride must be 1 or 2, not {stride!r}")

    def scaled(self, channels: int) -> int:
        """Return channels of the network of width 1.0 at this width."""
        return divisible_channels(channels * self.width)

    @property
    def stem_channels(self) -> int:
        """Channels of the stem and of the fixed first layer."""
        return self.scaled(_STEM_CHANNELS)

    @property
    def stem_size(self) -> int:
        """Height and width of the stem's output, pixels."""
        return _strided(self.image_size, self.stem_stride)

    @property
    def final_channels(self) -> int:
        """Channels of the last convolution before pooling."""
        return self.scaled(_FINAL_CHANNELS)

    @property
    def features(self) -> int:
        """Channels of the convolution after pooling, which the classifier reads."""
        return self.scaled(_FEATURES)

    @property
    def layers(self) -> tuple[LayerShape, ...]:
        """All 20 layers of the largest network, unit by unit."""
        shapes: list[LayerShape] = []
        inputs, size = self.stem_channels, self.stem_size
        for unit in range(UNITS):
            outputs = self.scaled(_UNIT_CHANNELS[unit])
            for position in range(UNIT_LAYERS):
                stride = self.unit_strides[unit] if position == 0 else 1
                out = _strided(size, stride)
                kind = (_HAS_SQUEEZE[unit], _USES_HARD_SWISH[unit])
                shapes.append(LayerShape(unit, position, inputs, outputs, stride, size, out, *kind))
                inputs, size = outputs, out
        return tuple(shapes)


def divisible_channels(channels: float) -> int:
    """Round to a multiple of 8 that is at least 8 and not below 90% of `channels`."""
    rounded = max(_DIVISOR, int(channels + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return rounded + _DIVISOR if rounded < 0.9 * channels else rounded


def squeezed_channels(channels: int) -> int:
    """Return the channels inside a squeeze-and-excitation block on so many channels."""
    return divisible_channels(channels // _SQUEEZE)


def mobilenetv3_costs(
    layout: MobileNetV3Layout, active: BoolArray, kernels: Int64Array, expansions: Int64Array
) -> Costs:
    """Return what N networks cost: the sum of a table over their layers.

    A multiply-add of a convolution, of the classifier or of a squeeze-and-excitation block's two
    linear maps counts one; biases, batch normalization, pooling and activations count nothing.
    Batch normalization has two parameters a channel.

    Args:
        layout: the network.
        active: bool [N, 5, 4], which layers exist.
        kernels: int64 [N, 5, 4], indices into `KERNELS`.
        expansions: int64 [N, 5, 4], indices into `EXPANSIONS`.
    """
    table = layer_costs(layout)
    unit, position = np.arange(UNITS)[:, None], np.arange(UNIT_LAYERS)
    chosen = table[unit, position, kernels, expansions] * active[..., None]
    madds, parameters = (chosen.sum(axis=(1, 2)) + _fixed_costs(layout)).T
    return Costs(np.ascontiguousarray(madds), np.ascontiguousarray(parameters))


def layer_costs(layout: MobileNetV3Layout) -> Float64Array:
    """Return multiply-adds and parameters of every choice of every layer.

    Returns:
        float64 [5, 4, 3, 3, 2] over unit, position, kernel, expansion, (multiply-adds, parameters).
    """
    table = np.zeros((UNITS, UNIT_LAYERS, len(KERNELS), len(EXPANSIONS), 2))
    for shape in layout.layers:
        for k, kernel in enumerate(KERNELS):
            for e, expansion in enumerate(EXPANSIONS):
                table[shape.unit, shape.position, k, e] = _layer_cost(shape, kernel, expansion)
    return table


def _layer_cost(shape: LayerShape, kernel: int, expansion: int) -> tuple[int, int]:
    hidden = shape.hidden(expansion)
    expand, depthwise, project = (
        shape.inputs * hidden,
        kernel**2 * hidden,
        hidden * shape.outputs,
    )
    madds = expand * shape.input_size**2 + (depthwise + project) * shape.size**2
    parameters = expand + depthwise + project + 2 * (2 * hidden + shape.outputs)
    if shape.squeeze:
        squeezed = squeezed_channels(hidden)
        madds += 2 * hidden * squeezed
        parameters += 2 * hidden * squeezed + squeezed + hidden
    return madds, parameters


def _fixed_costs(layout: MobileNetV3Layout) -> Float64Array:
    """Return multiply-adds and parameters of all but the layers of the units, float64 [2]."""
    stem, last = layout.stem_channels, layout.layers[-1]
    first = _STEM_KERNEL**2 * layout.image_channels * stem
    separable = _STEM_KERNEL**2 * stem + stem**2
    final = last.outputs * layout.final_channels
    mix = layout.final_channels * layout.features
    classify = layout.features * layout.classes
    normalized = 3 * stem + layout.final_channels
    madds = (first + separable) * layout.stem_size**2 + final * last.size**2 + mix + classify
    parameters = first + separable + final + mix + classify + layout.classes + 2 * normalized
    return np.array([madds, parameters], dtype=np.float64)


def _strided(size: int, stride: int) -> int:
    # A convolution padded to keep the middle rounds up.
    return -(-size // stride)


def layout_of_sizes(**sizes: Any) -> MobileNetV3Layout:
    """Return a layout from sizes that may come from JSON, which knows lists only."""
    strides = {"unit_strides": tuple(sizes["unit_strides"])} if "unit_strides" in sizes else {}
    return MobileNetV3Layout(**{**sizes, **strides})
