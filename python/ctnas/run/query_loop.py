"""Queries in rounds: chosen, kept on disk, measured, and so on until they are spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ctnas.app.json_file import read_note, write_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ctnas.run.context import RunContext

Query = TypeVar("Query")
"""What a round asks, as JSON holds it."""


class QueryLoop(Generic[Query]):
    """Rounds of queries of a run.

    What a round asks is on disk before it is measured: where it depends on nothing but what was
    measured, the seed and the number of the round, a resumed run asks the same.

    Args:
        run: shows rounds, and notes how long choosing takes.
        path: keeps what was asked.
        total: how many queries there are.
        size: of a round.
        measure: measures what a round asks, under a title; what is measured already is passed over.
    """

    def __init__(
        self,
        run: RunContext,
        path: Path,
        total: int,
        size: int,
        measure: Callable[[list[Query], str], None],
    ) -> None:
        self._run, self._path = run, path
        self._total, self._size = total, size
        self._measure = measure
        self.rounds: list[list[Query]] = read_note(path, "rounds")[0] if path.exists() else []

    def asked(self) -> list[Query]:
        """Return all that was asked, in order."""
        return [query for queries in self.rounds for query in queries]

    def left(self) -> int:
        """Return how many queries are left."""
        return self._total - len(self.asked())

    def is_over(self) -> bool:
        """Return whether nothing is left to ask, or to be asked."""
        return self.left() <= 0 or (bool(self.rounds) and not self.rounds[-1])

    def repeat(self) -> None:
        """Measure what earlier rounds asked, where they were interrupted."""
        for number in range(len(self.rounds)):
            self._measure_round(number)

    def go_on(self, choose: Callable[[int, int], list[Query]], what: str) -> None:
        """Ask until the queries are spent, or there is nothing to ask.

        Args:
            choose: gets the number of the round and how many queries it may have; an empty round
                is the last one.
            what: is done with those, in words: "measure".
        """
        while not self.is_over():
            number = len(self.rounds)
            title = f"{self._name(number)}: choose what to {what}"
            with self._run.watch.time("rounds"), self._run.progress.stage(title) as advance:
                self.rounds.append(choose(number, min(self._size, self.left())))
                write_json(self._path, {"rounds": self.rounds})
                advance(1, 1)
            self._measure_round(number)

    def _measure_round(self, number: int) -> None:
        self._measure(self.rounds[number], self._name(number))

    def _name(self, number: int) -> str:
        """Return the name of a round, counted from 1, with how many there are to be."""
        finished = [queries for queries in self.rounds if queries]
        total = len(finished) + -(-self.left() // self._size)
        return f"Round {number + 1} of {total}"
