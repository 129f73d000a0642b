"""Contrastive neural architecture search: few labels, one comparator, millions of architectures.

Names are imported when they are first used, so that ranking never loads PyTorch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, GraphBatch
    from ctnas.comparator.fitting import fit_comparator
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.comparator.runtime import Comparator, Ranking
    from ctnas.errors import CtnasError
    from ctnas.labels import LabelSet
    from ctnas.sampler import CTNASSampler
    from ctnas.searching import SearchResult, search
    from ctnas.spaces import DecisionSpace, GraphSpace, SearchSpace, get_space

_HOME = {
    "CTNASSampler": "ctnas.sampler",
    "ArchitectureBatch": "ctnas.architecture",
    "Comparator": "ctnas.comparator.runtime",
    "CtnasError": "ctnas.errors",
    "DecisionSpace": "ctnas.spaces",
    "GraphBatch": "ctnas.architecture",
    "GraphSpace": "ctnas.spaces",
    "LabelSet": "ctnas.labels",
    "NeuralArchitectureComparator": "ctnas.comparator.nac",
    "Ranking": "ctnas.comparator.runtime",
    "SearchResult": "ctnas.searching",
    "SearchSpace": "ctnas.spaces",
    "fit_comparator": "ctnas.comparator.fitting",
    "get_space": "ctnas.spaces",
    "search": "ctnas.searching",
}

__all__ = [
    "ArchitectureBatch",
    "CTNASSampler",
    "Comparator",
    "CtnasError",
    "DecisionSpace",
    "GraphBatch",
    "GraphSpace",
    "LabelSet",
    "NeuralArchitectureComparator",
    "Ranking",
    "SearchResult",
    "SearchSpace",
    "fit_comparator",
    "get_space",
    "search",
]


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("ctnas")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'ctnas' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
