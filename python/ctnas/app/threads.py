"""How many threads PyTorch computes with, and how many processors there are for them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_LOCK = Lock()
_BEFORE: list[int] = []
"""The number of threads that the process had, once for each block that limits them."""


def one_thread() -> AbstractContextManager[None]:
    """Compute on one thread.

    Small matrices gain nothing from more: threads that share them wait for one another, which makes
    a fit many times slower as soon as another program holds a core. And sums depend, in the last
    bits, on how many threads share them.
    """
    return at_most_threads(1)


@contextmanager
def at_most_threads(count: int) -> Iterator[None]:
    """Compute on so many threads, or on as many as PyTorch may use, if those are fewer."""
    with _LOCK:
        # A thread that begins beside such a block finds its setting, not the process's own.
        before = _BEFORE[0] if _BEFORE else torch.get_num_threads()
        _BEFORE.append(before)
        torch.set_num_threads(min(count, before))
    try:
        yield
    finally:
        with _LOCK:
            _BEFORE.pop()
            torch.set_num_threads(before)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Compute on so many threads, as long as the block lasts; None leaves them as they are."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if count is not None:
            torch.set_num_threads(before)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
