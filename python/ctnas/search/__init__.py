"""Algorithm 1: controller, curriculum baseline, data exploration."""

from ctnas.search.algorithm import SearchResult, search
from ctnas.search.config import SearchConfig, search_preset

__all__ = ["SearchConfig", "SearchResult", "search", "search_preset"]
