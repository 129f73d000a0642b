"""The network that is built of DARTS cells, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.spaces.layout_sizes import check_sizes
from ctnas.spaces.space import Costs

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, Int64Array

DARTS_OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
"""The choices of every operation decision of the DARTS space, in order."""

_NODES = 4
_STEM_KERNEL = 3


@dataclass(frozen=True, slots=True)
class CellShape:
    """Where one cell stands in the network.

    Attributes:
        reduction: whether it is a reduction cell (halves height and width).
        after_reduction: whether the cell before it is one, so that its first input is larger.
        inputs: channels of its two inputs, the cell before the last first.
        channels: channels of each of its nodes; its output has four times as many.
        input_size: height and width of the last cell's output, pixels.
        size: height and width of its own output, pixels.
    """

    reduction: bool
    after_reduction: bool
    inputs: tuple[int, int]
    channels: int
    input_size: int
    size: int


@dataclass(frozen=True, slots=True)
class DartsLayout:
    """The standard DARTS network: stem, cells, global pooling, linear classifier.

    Cells `cells // 3` and `2 * cells // 3` (counted from 0) are reduction cells; each doubles the
    channels. The stem is a 3x3 convolution with `stem_multiplier * channels` channels.

    Attributes:
        cells: number of cells, at least 1.
        channels: channels of a node in the first cell, at least 2.
        image_size: height and width of an image, pixels.
        image_channels: 1 for grey images, 3 for color.
        classes: number of classes.
        stem_multiplier: channels of the stem, in units of `channels`.

    Raises:
        ConfigurationError: if a value is not a whole number or too small.
    """

    cells: int = 20
    channels: int = 36
    image_size: int = 32
    image_channels: int = 3
    classes: int = 10
    stem_multiplier: int = 3

    def __post_init__(self) -> None:
        check_sizes(self)

    @property
    def stem_channels(self) -> int:
        """Channels of the stem's output."""
        return self.stem_multiplier * self.channels

    @property
    def reductions(self) -> frozenset[int]:
        """Positions of the reduction cells, counted from 0."""
        return frozenset({self.cells // 3, 2 * self.cells // 3})

    @property
    def cell_shapes(self) -> tuple[CellShape, ...]:
        """Every cell of the network, in order."""
        return self.cells_behind(self.stem_channels, self.image_size, reduced=False)

    def cells_behind(self, channels: int, size: int, *, reduced: bool) -> tuple[CellShape, ...]:
        """Return every cell of a network with another stem, in order.

        Args:
            channels: of both inputs of the first cell.
            size: height and width of its second input, pixels.
            reduced: whether its first input is twice as large.
        """
        shapes: list[CellShape] = []
        inputs, width, after = (channels, channels), self.channels, reduced
        for position in range(self.cells):
            reduction = position in self.reductions
            width = 2 * width if reduction else width
            # A convolution of stride 2, padded to keep the middle, halves and rounds up.
            out = (size + 1) // 2 if reduction else size
            shapes.append(CellShape(reduction, after, inputs, width, size, out))
            inputs, size, after = (inputs[1], _NODES * width), out, reduction
        return tuple(shapes)


def darts_costs(layout: DartsLayout, inputs: Int64Array, operations: Int64Array) -> Costs:
    """Return what the networks of N pairs of cells cost.

    A multiply-add of a convolution or of the classifier counts one; batch normalization, pooling
    and additions count nothing. Batch normalization has two parameters a channel.

    Args:
        layout: the network.
        inputs: int64 [N, 2, 4, 2], predecessors as `DartsSpace.edges` returns them.
        operations: int64 [N, 2, 4, 2], operations as `DartsSpace.edges` returns them.
    """
    cell = np.arange(2)[:, None, None]
    chosen = _operation_costs(layout)[cell, (inputs < 2).astype(np.int64), operations]
    madds, parameters = (chosen.sum(axis=(1, 2, 3)) + _fixed_costs(layout)).T
    return Costs(np.ascontiguousarray(madds), np.ascontiguousarray(parameters))


def _fixed_costs(layout: DartsLayout) -> Float64Array:
    """Return multiply-adds and parameters of everything but the cells' operations, float64 [2]."""
    stem = _STEM_KERNEL**2 * layout.image_channels * layout.stem_channels
    shapes = layout.cell_shapes
    costs = np.array([stem * layout.image_size**2, stem + 2 * layout.stem_channels], np.float64)
    for shape in shapes:
        weights = sum(shape.inputs) * shape.channels
        costs += [weights * shape.input_size**2, weights + 2 * 2 * shape.channels]
    features = _NODES * shapes[-1].channels
    costs += [features * layout.classes, (features + 1) * layout.classes]
    return costs


def _operation_costs(layout: DartsLayout) -> Float64Array:
    """Return multiply-adds and parameters of an operation, summed over the cells of its type.

    Returns:
        float64 [2, 2, 8, 2] over cell type, whether the predecessor is an input of the cell,
        operation, and (multiply-adds, parameters).
    """
    costs = np.zeros((2, 2, len(DARTS_OPERATIONS), 2))
    for shape in layout.cell_shapes:
        for from_input in (0, 1):
            strided = shape.reduction and bool(from_input)
            for operation, name in enumerate(DARTS_OPERATIONS):
                weights, normalized = _weights(name, shape.channels, strided=strided)
                costs[int(shape.reduction), from_input, operation] += (
                    weights * shape.size**2,
                    weights + 2 * normalized,
                )
    return costs


def _weights(operation: str, channels: int, *, strided: bool) -> tuple[int, int]:
    """Return the convolution weights of an operation and its batch-normalized channels."""
    kind, _, kernel = operation.rpartition("_")
    if kind in {"sep_conv", "dil_conv"}:
        # A depthwise and a pointwise convolution; the separable one applies both twice.
        repeats = 2 if kind == "sep_conv" else 1
        depthwise = int(kernel[0]) ** 2 * channels
        return repeats * (depthwise + channels**2), repeats * channels
    if operation == "skip_connect" and strided:
        return channels**2, channels
    return 0, 0
