"""Whether those who took queries are alive."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from ctnas.errors import CtnasError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctnas.labels.queue import LabelQueue, Query

GRACE = 3
"""How many heartbeats may be missed before a worker counts as dead."""


class Pulse:
    """Says again and again that this process is alive, while it has a query.

    Args:
        queue: the queue that queries are taken from.
        seconds: between two signs of life; the queue's if not given.
    """

    def __init__(self, queue: LabelQueue, seconds: float | None = None) -> None:
        self._queue, self._seconds = queue, seconds or queue.heartbeat
        self._query: Query | None = None
        self._lock = Lock()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat in a thread of its own while the block runs."""
        stopped = Event()

        def beat() -> None:
            while not stopped.wait(self._seconds):
                with self._lock:
                    query = self._query
                # What keeps the worker from being heard is reported where it writes its label.
                if query is not None:
                    with suppress(CtnasError):
                        self._queue.beat(query)

        thread = Thread(target=beat, name="ctnas-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join(self._seconds)

    @contextmanager
    def holding(self, query: Query) -> Iterator[None]:
        """Beat for a query while the block runs."""
        with self._lock:
            self._query = query
        try:
            yield
        finally:
            with self._lock:
                self._query = None


class Watch:
    """Finds queries whose worker is dead and lets them wait again.

    A worker is dead if its sign of life has stayed the same for several heartbeats of this
    process's own steady clock. Neither a clock that is stepped nor one that differs between
    machines matters. Time in which nobody looked does not count, say because the database was gone.

    Args:
        queue: the queue to watch.
        clock: steady, in seconds.
    """

    def __init__(self, queue: LabelQueue, clock: Callable[[], float] = monotonic) -> None:
        self._queue, self._clock = queue, clock
        self._seen: dict[int, tuple[Any, float]] = {}
        self._looked = clock()

    def look(self) -> list[int]:
        """Look once, if the last time was half a heartbeat ago.

        Returns:
            The trial ids of the queries that wait again, or failed.
        """
        now, beat = self._clock(), self._queue.heartbeat
        if now - self._looked < beat / 2:
            return []
        running = self._queue.running()
        now = self._clock()
        if now - self._looked > GRACE * beat / 2:
            self._seen.clear()
        self._looked = now
        before, self._seen = self._seen, {}
        dead = []
        for query in running:
            signs, since = before.get(query.trial_id, (None, now))
            since = since if signs == query.signs else now
            if now - since > GRACE * beat:
                self._queue.revive(query.trial_id)
                dead.append(query.trial_id)
            else:
                self._seen[query.trial_id] = (query.signs, since)
        return dead
