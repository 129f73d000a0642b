"""Supernets by search space."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.supernet.layouts import Layout
    from ctnas.supernet.network import Supernet

_CLASSES = {
    "darts": ("darts.supernet", "DartsSupernet"),
    "mobilenetv3": ("mobilenetv3.network", "MobileNetV3Supernet"),
    "nasbench101": ("nasbench101.network", "NasBench101Supernet"),
    "nasbench201": ("nasbench201.network", "NasBench201Supernet"),
}


def build_supernet(
    space: str, layout: Layout, mean: Sequence[float], deviation: Sequence[float]
) -> Supernet:
    """Return a supernet with fresh weights.

    Args:
        space: name of a space that has one, see `ctnas.supernet.layouts.supernet_spaces`.
        layout: its sizes.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.
    """
    module, name = _CLASSES[space]
    made = getattr(import_module(f"ctnas.spaces.{module}"), name)
    supernet: Supernet = made(layout, mean, deviation)
    return supernet
