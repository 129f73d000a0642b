"""A worker from beginning to end: open the queue, find out how to measure, do so."""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext, suppress
from functools import partial
from signal import SIGINT
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeAlias

from ctnas.errors import ConfigurationError
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import NO_RETRY, Retry
from ctnas.workers.worker import work

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.app.progress import Progress
    from ctnas.app.signals import Breakable
    from ctnas.labels.label import Label
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.worker import Measure

MeasureFor: TypeAlias = "Callable[[WorkerConfig, LabelQueue, Progress], Measure]"
"""Returns how a worker measures the architectures of a queue."""

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_TO_END = 10.0


def serve(
    config: WorkerConfig,
    measure_for: MeasureFor,
    breakable: Breakable,
    progress: Progress,
    *,
    wait_for_database: bool = False,
) -> int:
    """Measure what a study asks for.

    Args:
        config: the options.
        measure_for: finds out how to measure.
        breakable: ends it; what is being measured then is given back.
        progress: shows what is done.
        wait_for_database: wait for one that is gone from the beginning, as a worker does that was
            started by a process that has it open.

    Returns:
        How many labels were written.

    Raises:
        CtnasError: if the study cannot be worked on.
        KeyboardInterrupt: if it was ended by a signal; Terminated if that was SIGTERM.
    """
    retry = Retry(say=progress.say)
    opened = retry if wait_for_database else NO_RETRY

    def open_queue(study: str) -> LabelQueue:
        return opened(partial(LabelQueue.open, config.location, study, retry=retry))

    done = 0
    with open_queue(config.study) as first:
        while not breakable.asked():
            study = _asked_in(config, first)
            with nullcontext(first) if study == config.study else open_queue(study) as queue:
                done += _answer(config, queue, measure_for, breakable, progress, study, first)
            if _asked_in(config, first) == study:
                break
    breakable.check()
    return done


def _answer(
    config: WorkerConfig,
    queue: LabelQueue,
    measure_for: MeasureFor,
    breakable: Breakable,
    progress: Progress,
    study: str,
    first: LabelQueue,
) -> int:
    """Answer the queries of a study until the search asks in another one; return how many."""
    if config.heartbeat is not None:
        _check_heartbeat(config.heartbeat, queue)
    measure = breakable.inside(lambda: measure_for(config, queue, progress))
    progress.say(f"Worker for study {study!r}: {queue.metric} in {queue.space_name}")

    def measured(text: str) -> Label:
        return breakable.inside(lambda: measure(text))

    return work(
        queue,
        measured,
        idle=config.idle,
        stopped=breakable.asked,
        moved=lambda: _asked_in(config, first) != study,
        advance=_reporting(progress),
        heartbeat=config.heartbeat,
    )


def _asked_in(config: WorkerConfig, queue: LabelQueue) -> str:
    """Return the study to work on; whoever looks labels up in a table cannot do anything else."""
    return config.study if config.labels is not None else queue.asks()


def end_with_standard_input() -> None:
    """End this process as by SIGINT once standard input ends."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        os.kill(os.getpid(), SIGINT)
        # What does not listen to the signal must not outlive the process that asked for it.
        sleep(_SECONDS_TO_END)
        os._exit(130)

    threading.Thread(target=watch, name="ctnas-standard-input", daemon=True).start()


def _check_heartbeat(seconds: float, queue: LabelQueue) -> None:
    if seconds > queue.heartbeat:
        raise ConfigurationError(
            f"heartbeat must be at most {queue.heartbeat} s, as the study has it, not {seconds:g}: "
            "others would take this worker for dead"
        )


def _reporting(progress: Progress) -> Callable[[int], None]:
    """Return what says from time to time how many labels there are."""
    last = monotonic()

    def advance(done: int) -> None:
        nonlocal last
        now = monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            progress.say(f"{done} labels written")

    return advance
