"""How a run shows what it is doing; the command line draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import Protocol, TypeAlias

Advance: TypeAlias = Callable[[int, int], None]
"""Called with the number of units done and their total."""


class Progress(Protocol):
    """Shows stages and messages."""

    def stage(self, title: str) -> AbstractContextManager[Advance]:
        """Open a stage; the function that it yields moves it on."""

    def say(self, message: str) -> None:
        """Show one line."""


class Stopwatch:
    """Seconds of each stage, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the duration of the block to what `name` took."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


class SilentProgress:
    """Shows nothing."""

    @contextmanager
    def stage(self, _: str) -> Iterator[Advance]:
        """Open a stage that nobody sees."""
        yield lambda *_: None

    def say(self, message: str) -> None:
        """Show nothing."""
