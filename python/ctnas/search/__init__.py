"""Algorithm 1: controller, curriculum baseline, data exploration."""

import sys
from types import ModuleType

from ctnas.search.algorithm import SearchResult, search
from ctnas.search.config import SearchConfig, search_preset

__all__ = ["SearchConfig", "SearchResult", "search", "search_preset"]


class _CallablePackage(ModuleType):
    """Importing this package hides the function `ctnas.search` behind it: both can be called."""

    __call__ = staticmethod(search)


sys.modules[__name__].__class__ = _CallablePackage
