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
def silenced(category: type[Warning] = Warning) -> Iterator[None]:
    """Ignore a kind of warning in this block.

    Filters of warnings belong to the whole process: blocks of two threads that overlap would leave
    the filters of one behind. So one thread at a time is in such a block.

    Args:
        category: the kind.
    """
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        yield
