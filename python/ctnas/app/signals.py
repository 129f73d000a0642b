"""An orderly end when a scheduler asks for one: finish the step, save, leave."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from ctnas.app.progress import Advance, Progress

T = TypeVar("T")


class Terminated(KeyboardInterrupt):
    """The process was asked to end, and what was finished is saved."""


class Stoppable:
    """Passes progress on, and ends the run after a step once SIGTERM has come.

    A second SIGTERM ends the process at once.

    Args:
        progress: shows stages.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._asked = False

    def say(self, message: str) -> None:
        """Show one line."""
        self._progress.say(message)
        self._check()

    @contextmanager
    def stage(self, title: str) -> Iterator[Advance]:
        """Open a stage; it ends with Terminated after the step in which SIGTERM came."""
        with self._progress.stage(title) as inner:

            def advance(done: int, total: int) -> None:
                inner(done, total)
                self._check()

            yield advance

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to SIGTERM while the block runs; only the main thread of a process can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGTERM, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._asked = True
        signal.signal(number, signal.SIG_DFL)

    def _check(self) -> None:
        if self._asked:
            raise Terminated


class Breakable:
    """Breaks off what takes long when SIGTERM or SIGINT comes, and nothing else.

    A worker would otherwise be torn out of a transaction and keep a query that it does not answer.
    A second signal ends the process at once.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._inside = False

    def asked(self) -> bool:
        """Return whether a signal has come."""
        return self._number is not None

    def check(self) -> None:
        """Raise Terminated or KeyboardInterrupt if a signal has come."""
        if self._number == signal.SIGTERM:
            raise Terminated
        if self._number is not None:
            raise KeyboardInterrupt

    def inside(self, function: Callable[[], T]) -> T:
        """Return what a function returns; it is broken off by a signal, also by an earlier one."""
        self._inside = True
        try:
            self.check()
            return function()
        finally:
            self._inside = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to both signals while the block runs; only the main thread of a process can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, self._ask) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._number = number
        signal.signal(number, signal.SIG_DFL)
        if self._inside:
            self.check()
