"""A worker: take a query, measure, write the label, again and again."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeAlias

from ctnas.labels.label import Label
from ctnas.workers.liveness import Pulse, Watch

if TYPE_CHECKING:
    from ctnas.labels.queue import LabelQueue, Query

Measure: TypeAlias = Callable[[str], Label]
"""Returns the label of an architecture, given as text."""

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


def work(
    queue: LabelQueue,
    measure: Measure,
    *,
    idle: float | None = None,
    stopped: Callable[[], bool] = lambda: False,
    moved: Callable[[], bool] = lambda: False,
    advance: Callable[[int], None] = lambda _: None,
    heartbeat: float | None = None,
) -> int:
    """Answer queries until there are none.

    Any number of processes may do so on one queue; they may be started and killed at any time.

    Args:
        queue: what to take queries from.
        measure: gives labels. What it raises is written beside the query, which then failed;
            KeyboardInterrupt and SystemExit give the query back.
        idle: seconds without a query after which to return; None goes on for ever.
        stopped: asked between queries whether to return.
        moved: asked where there is none whether to return, because queries are made elsewhere.
        advance: gets after each how many labels this worker has written.
        heartbeat: seconds between two signs of life; at most, and by default, the queue's.

    Returns:
        How many labels this worker has written.

    Example:
        >>> with LabelQueue.open("postgresql://host/labels", "my-run") as queue:
        ...     work(queue, lambda text: Label(train_and_test(text), {}), idle=60)
    """
    pulse, watch = Pulse(queue, heartbeat), Watch(queue)
    done, pause, since = 0, _SHORTEST_PAUSE, monotonic()
    with pulse.beating():
        while not stopped():
            query = queue.claim()
            if query is None:
                # Queries of dead workers are looked for only by those who have nothing to do.
                revived = watch.look()
                if idle is not None and not revived and monotonic() - since >= idle:
                    break
                if moved():
                    break
                sleep(pause)
                pause = min(1.5 * pause, _LONGEST_PAUSE)
                continue
            with pulse.holding(query):
                done += _answer(queue, query, measure)
            advance(done)
            pause, since = _SHORTEST_PAUSE, monotonic()
    return done


def _answer(queue: LabelQueue, query: Query, measure: Measure) -> bool:
    """Measure one architecture and write its label; return whether it counts."""
    try:
        label = measure(query.architecture)
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        queue.fail(query, f"{socket.gethostname()}, process {os.getpid()}: {reason}")
        return False
    except BaseException:
        queue.release(query)
        raise
    return queue.complete(query, label.value, **label.attributes)
