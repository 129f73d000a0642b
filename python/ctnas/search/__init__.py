"""Algorithm 1: controller, curriculum baseline, data exploration.

Names are imported when they are first used, so that settings can be read without PyTorch.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ctnas.app.lazy import lazy_names

if TYPE_CHECKING:
    from ctnas.search.algorithm import SearchResult, search
    from ctnas.search.config import SearchConfig, search_preset

__all__ = ["SearchConfig", "SearchResult", "search", "search_preset"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "SearchConfig": "ctnas.search.config",
        "SearchResult": "ctnas.search.algorithm",
        "search": "ctnas.search.algorithm",
        "search_preset": "ctnas.search.config",
    },
)


class _CallablePackage(ModuleType):
    """Importing this package hides the function `ctnas.search` behind it: both can be called."""

    def __call__(self, *arguments: Any, **options: Any) -> "SearchResult":
        """Search a space; see `ctnas.search.algorithm.search`."""
        from ctnas.search.algorithm import search

        return search(*arguments, **options)


sys.modules[__name__].__class__ = _CallablePackage
