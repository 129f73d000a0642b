"""Algorithm 1: controller, curriculum baseline, data exploration.

Names are imported when they are first used, so that settings can be read without PyTorch.
"""

from typing import TYPE_CHECKING

from ctnas.app.lazy import lazy_names

if TYPE_CHECKING:
    from ctnas.searching.algorithm import SearchResult, search
    from ctnas.searching.config import SearchConfig, search_preset

__all__ = ["SearchConfig", "SearchResult", "search", "search_preset"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "SearchConfig": "ctnas.searching.config",
        "SearchResult": "ctnas.searching.algorithm",
        "search": "ctnas.searching.algorithm",
        "search_preset": "ctnas.searching.config",
    },
)
