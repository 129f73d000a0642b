"""Silence for what libraries say of themselves."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = RLock()


@contextmanager
def own_filters() -> Iterator[None]:
    """Keep filters of warnings as they are, whatever libraries do to them in this block.

    Filters belong to the whole process: blocks of two threads that overlap would leave the filters
    of one behind. So one thread at a time is in such a block.
    """
    with _LOCK, warnings.catch_warnings():
        yield


@contextmanager
def silenced(category: type[Warning] = Warning) -> Iterator[None]:
    """Ignore a kind of warning in this block, in which one thread at a time is.

    Args:
        category: the kind.
    """
    with own_filters():
        warnings.simplefilter("ignore", category)
        yield
