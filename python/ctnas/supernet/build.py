"""Supernets by search space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnas.errors import ConfigurationError
from ctnas.spaces.descriptor import describe_space, resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.supernet.layouts import Layout
    from ctnas.supernet.network import Supernet


def build_supernet(
    space: str, layout: Layout, mean: Sequence[float], deviation: Sequence[float]
) -> Supernet:
    """Return a supernet with fresh weights.

    Args:
        space: name of a space that has one, see `ctnas.supernet.layouts.supernet_spaces`.
        layout: its sizes.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.

    Raises:
        ConfigurationError: if the space has none.
    """
    supernet: Supernet = supernet_class(space)(layout, mean, deviation)
    return supernet


def supernet_class(space: str) -> Any:
    """Return the class of a space's supernet.

    Raises:
        ConfigurationError: if the space has none.
    """
    described = describe_space(space).supernet
    if described is None:
        raise ConfigurationError(f"there is no supernet for space {space!r}")
    return resolved(described.network)
