"""What an architecture is: decisions <-> graph <-> text, sampling, cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.errors import SpaceError
from ctnas.spaces.darts.space import DartsSpace
from ctnas.spaces.decision import Decision
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.graph_space import GraphSpace
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.spaces.nasbench101.space import NasBench101Space
from ctnas.spaces.nasbench201.space import NasBench201Space
from ctnas.spaces.space import Costs, SearchSpace

if TYPE_CHECKING:
    from collections.abc import Callable

_SPACES: dict[str, Callable[[], SearchSpace]] = {
    "darts": DartsSpace,
    "mobilenetv3": MobileNetV3Space,
    "nasbench101": NasBench101Space,
    "nasbench201": NasBench201Space,
}

__all__ = [
    "Costs",
    "DartsSpace",
    "Decision",
    "DecisionSpace",
    "GraphSpace",
    "MobileNetV3Space",
    "NasBench101Space",
    "NasBench201Space",
    "SearchSpace",
    "get_space",
    "space_names",
]


def space_names() -> list[str]:
    """Return the names that `get_space` knows."""
    return sorted(_SPACES)


def get_space(name: str) -> SearchSpace:
    """Return the search space of that name.

    Raises:
        SpaceError: if there is none; the message lists those that exist.
    """
    if not isinstance(name, str) or name not in _SPACES:
        raise SpaceError(f"unknown search space {name!r}; known are {', '.join(space_names())}")
    return _SPACES[name]()
