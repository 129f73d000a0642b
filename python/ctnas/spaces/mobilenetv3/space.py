"""The MobileNetV3-like space (appendix E): depths, kernels and widths of once-for-all networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import (
    INPUT,
    OUTPUT,
    ArchitectureBatch,
    BoolArray,
    Int16Array,
    Int64Array,
)
from ctnas.spaces.activity import Activity
from ctnas.spaces.decision import Decision
from ctnas.spaces.mobilenetv3.costs import (
    DEPTHS,
    EXPANSIONS,
    KERNELS,
    UNIT_LAYERS,
    UNITS,
    MobileNetV3Layout,
    mobilenetv3_costs,
)
from ctnas.spaces.mobilenetv3.text import parse_units
from ctnas.spaces.space import Costs, SearchSpace
from ctnas.spaces.tables import ChoiceTable, SpaceTables

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIT_DECISIONS = 1 + 2 * UNIT_LAYERS
_LAYERS = UNITS * UNIT_LAYERS
_FIRST_OPERATION = 3
_CHOICES = len(KERNELS) * len(EXPANSIONS)


def _decisions() -> tuple[Decision, ...]:
    decisions = []
    for unit in range(1, UNITS + 1):
        decisions.append(Decision(f"unit{unit}.depth", DEPTHS))
        for layer in range(1, UNIT_LAYERS + 1):
            place = f"unit{unit}.layer{layer}"
            decisions.append(Decision(f"{place}.kernel", KERNELS))
            decisions.append(Decision(f"{place}.expansion", EXPANSIONS))
    return tuple(decisions)


def _vocabulary() -> tuple[str, ...]:
    layers = [
        f"unit{unit}.layer{layer}.k{kernel}.e{ratio}"
        for unit in range(1, UNITS + 1)
        for layer in range(1, UNIT_LAYERS + 1)
        for kernel in KERNELS
        for ratio in EXPANSIONS
    ]
    return ("padding", "input", "output", *layers)


def _unit_pattern(unit: str) -> str:
    """Return how the layers of a unit are written; its depth follows from how many there are."""
    layers = [
        f"k{{{unit}.layer{layer}.kernel}}e{{{unit}.layer{layer}.expansion}}"
        for layer in range(1, UNIT_LAYERS + 1)
    ]
    needed, optional = layers[: DEPTHS[0]], layers[DEPTHS[0] :]
    return "-".join(needed) + "".join(f"[-{layer}]" for layer in optional)


def _layer_conditions() -> dict[str, dict[str, tuple[int, ...]]]:
    """Return for the decisions of each layer that may be missing which depths have it."""
    return {
        f"unit{unit}.layer{layer}.{what}": {
            f"unit{unit}.depth": tuple(depth for depth in DEPTHS if depth >= layer)
        }
        for unit in range(1, UNITS + 1)
        for layer in range(DEPTHS[0] + 1, UNIT_LAYERS + 1)
        for what in ("kernel", "expansion")
    }


class MobileNetV3Space(SearchSpace):
    """Five units of 2 to 4 inverted bottleneck layers, each with a kernel and an expansion ratio.

    The architecture graph is a chain of the layers that exist. An operation names unit and layer
    beside kernel and expansion: the same layer means something else where images are smaller and
    channels more, and a supernet has weights of its own for each.

    Text: `k3e4-k5e6|...`, the layers of each unit. `parse` also takes the dict of the once-for-all
    code, `{"d": [...], "ks": [...], "e": [...]}`, with values for all 20 slots or for the active
    layers only, in order. Decisions on layers that do not exist change nothing; rows that this
    space draws or parses have 0 there.

    Args:
        layout: the network; `costs` are counted on it.
    """

    name = "mobilenetv3"
    decisions = _decisions()
    vocabulary = _vocabulary()
    nodes = _LAYERS + 2
    text = "|".join(_unit_pattern(f"unit{unit}") for unit in range(1, UNITS + 1))
    # 9 choices a layer, 2 to 4 layers a unit: 2.2e19.
    size = sum(_CHOICES**depth for depth in DEPTHS) ** UNITS

    def __init__(self, layout: MobileNetV3Layout | None = None) -> None:
        self.layout = layout or MobileNetV3Layout()

    def sample(self, count: int, seed: int | np.random.Generator) -> ArchitectureBatch:
        """Draw `count` architectures without repetition, every decision uniformly.

        That is how the once-for-all network draws. Uniform over architectures would give nine of
        ten units their full depth.
        """
        return super().sample(count, seed)

    def layers(self, batch: ArchitectureBatch) -> tuple[BoolArray, Int64Array, Int64Array]:
        """Return which layers exist and what they are.

        Args:
            batch: N architectures of this space.

        Returns:
            Three arrays [N, 5, 4] over units and layers: whether the layer exists (bool), its
            kernel and its expansion (int64, indices into `KERNELS` and `EXPANSIONS`, 0 where there
            is no layer).
        """
        self.check(batch)
        return _decode(batch.decisions)

    def costs(self, batch: ArchitectureBatch) -> Costs:
        """Return multiply-adds and parameters of the networks that `layout` describes."""
        return mobilenetv3_costs(self.layout, *self.layers(batch))

    def cheapest(self) -> ArchitectureBatch:
        """Return the one architecture with the fewest multiply-adds and parameters."""
        return self.batch(np.zeros((1, len(self.decisions)), dtype=np.int16))

    def largest(self) -> ArchitectureBatch:
        """Return the one architecture that all others are a part of."""
        return self.batch((self.choices - 1)[None])

    def _draw(self, count: int, generator: np.random.Generator) -> Int16Array:
        rows = super()._draw(count, generator)
        units = rows.reshape(count, UNITS, _UNIT_DECISIONS)
        active = _active(units[:, :, 0])
        units[:, :, 1:] *= np.repeat(active, 2, axis=2)
        return rows

    def _conditions(self) -> Activity:
        return Activity(self.decisions, _layer_conditions())

    def _tables(self) -> SpaceTables:
        tables = SpaceTables()
        tables.node(INPUT)
        for layer in range(_LAYERS):
            unit, position = divmod(layer, UNIT_LAYERS)
            kernel = unit * _UNIT_DECISIONS + 1 + 2 * position
            first = _FIRST_OPERATION + layer * _CHOICES
            operation = ChoiceTable((kernel, kernel + 1), tuple(range(first, first + _CHOICES)))
            tables.node(operation, decision=kernel)
        tables.node(OUTPUT)
        tables.chain()
        return tables

    def _parse_one(self, text: str) -> Sequence[int]:
        row: list[int] = []
        for unit in parse_units(text):
            row.append(DEPTHS.index(len(unit)))
            for kernel, ratio in unit:
                row += [KERNELS.index(kernel), EXPANSIONS.index(ratio)]
            row += [0, 0] * (UNIT_LAYERS - len(unit))
        return row


def _active(depths: Int16Array) -> BoolArray:
    """Return which layers exist, [N, 5, 4], from the depth decisions [N, 5]."""
    result: BoolArray = np.arange(UNIT_LAYERS) < np.array(DEPTHS)[depths][..., None]
    return result


def _decode(decisions: Int16Array) -> tuple[BoolArray, Int64Array, Int64Array]:
    units = decisions.reshape(len(decisions), UNITS, _UNIT_DECISIONS)
    active = _active(units[:, :, 0])
    kernels, expansions = (units[:, :, first::2].astype(np.int64) * active for first in (1, 2))
    return active, kernels, expansions
