"""Progress and tables in the terminal."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnas.app.progress import Advance

PLAIN_INTERVAL = 10.0
"""Seconds between two plain lines of one stage."""


class TerminalProgress:
    """Bars with the time left on a terminal; plain lines elsewhere, and where bars are unwanted.

    Args:
        quiet: no bars.
        silent: nothing at all, for processes beside the first.
    """

    def __init__(self, *, quiet: bool, silent: bool = False) -> None:
        self.console = Console(highlight=False, quiet=silent)
        self._bars = self.console.is_terminal and not quiet

    def say(self, message: str) -> None:
        """Show one line."""
        self.console.print(message, markup=False, soft_wrap=True)

    @contextmanager
    def stage(self, title: str) -> Iterator[Advance]:
        """Show a stage while its block runs."""
        if self._bars:
            with self._bar(title) as advance:
                yield advance
        else:
            with self._lines(title) as advance:
                yield advance

    @contextmanager
    def _bar(self, title: str) -> Iterator[Advance]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=None)

            def advance(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            yield advance

    @contextmanager
    def _lines(self, title: str) -> Iterator[Advance]:
        start = last = perf_counter()
        self.say(f"{title} ...")

        def advance(done: int, total: int) -> None:
            nonlocal last
            now = perf_counter()
            if done and now - last >= PLAIN_INTERVAL:
                last = now
                left = (now - start) / done * (total - done)
                self.say(f"{title}: {done} of {total}, {left:.0f} s left")

        yield advance
        self.say(f"{title}: done in {perf_counter() - start:.1f} s")


@contextmanager
def counting_rows() -> Iterator[Callable[[int], None]]:
    """Show on standard error how many rows were done, and how many a second.

    Yields:
        A function that takes the number of further rows.
    """
    columns = (
        TextColumn("{task.completed:,.0f} rows"),
        TextColumn("{task.fields[rate]:,.0f} rows/s"),
        TimeElapsedColumn(),
    )
    start = perf_counter()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, rate=0.0)
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            progress.update(task, completed=done, rate=done / (perf_counter() - start))

        yield advance
