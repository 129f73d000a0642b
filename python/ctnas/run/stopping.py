"""An orderly end when a scheduler asks for one: finish the step, save, leave."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ctnas.run.progress import Advance, Progress


class Terminated(KeyboardInterrupt):
    """The process was asked to end, and what was finished is saved."""


class Stoppable:
    """Passes progress on, and ends the run after a step once SIGTERM has come.

    A second SIGTERM ends the process at once.

    Args:
        progress: what is told about stages.
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
