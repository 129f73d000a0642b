"""What an architecture is: decisions <-> graph <-> text, sampling, cost.

The classes of the built-in spaces can be imported from here; each lives in a folder of its own.
"""

from __future__ import annotations

from ctnas.spaces.decision import Decision
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.descriptor import built_in_class, default_space, get_space, space_names
from ctnas.spaces.exchange import declaration_text, space_of_declaration
from ctnas.spaces.graph_space import GraphSpace
from ctnas.spaces.space import Costs, SearchSpace

__all__ = [
    "Costs",
    "Decision",
    "DecisionSpace",
    "GraphSpace",
    "SearchSpace",
    "declaration_text",
    "default_space",
    "get_space",
    "space_names",
    "space_of_declaration",
]


def __getattr__(name: str) -> type[SearchSpace]:
    """Import the class of a built-in space."""
    found = built_in_class(name)
    if found is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found
