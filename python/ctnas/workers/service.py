"""A worker from beginning to end: open the queue, find out how to measure, do so."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from signal import SIGINT
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError, InputFileError
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import IMPATIENT, Patience
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.settings.resuming import identity
from ctnas.settings.toml import read_toml
from ctnas.workers.worker import work

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.app.progress import Progress
    from ctnas.app.signals import Breakable
    from ctnas.labels.label import Label
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.worker import Measure

RUN, SETTINGS, WEIGHTS = "run", "settings", "weights"
"""What a search notes in its study for workers: its directory, and what labels depend on."""

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_TO_END = 10.0


def serve(
    config: WorkerConfig, breakable: Breakable, progress: Progress, *, patient: bool = False
) -> int:
    """Measure what a study asks for.

    Args:
        config: the options.
        breakable: ends it; what is being measured then is given back.
        progress: told what is done.
        patient: wait for a database that is gone from the beginning, as a worker does that was
            started by a process that has it open.

    Returns:
        How many labels were written.

    Raises:
        CtnasError: if the study cannot be worked on.
        KeyboardInterrupt: if it was ended by a signal; Terminated if that was SIGTERM.
    """
    patience = Patience(say=progress.say)
    opened = patience if patient else IMPATIENT
    with opened(
        partial(LabelQueue.open, config.location, config.study, patience=patience)
    ) as queue:
        if config.heartbeat is not None:
            _check_heartbeat(config.heartbeat, queue)
        measure = breakable.inside(lambda: measure_for(config, queue, progress))
        progress.say(f"Worker for study {config.study!r}: {queue.metric} in {queue.space_name}")

        def measured(text: str) -> Label:
            return breakable.inside(lambda: measure(text))

        done = work(
            queue,
            measured,
            idle=config.idle,
            stopped=breakable.asked,
            advance=_reporting(progress),
            heartbeat=config.heartbeat,
        )
    breakable.check()
    return done


def measure_for(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return how a worker measures the architectures of a queue.

    Raises:
        CtnasError: if a table, or what the run has left, cannot be used.
    """
    if config.labels is not None:
        from ctnas.workers.table import table_measure

        return table_measure(config, config.labels, queue)
    return _supernet_measure(config, queue, progress)


def _supernet_measure(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return what measures with the supernet of the run that a study belongs to."""
    noted = queue.attributes.get(f"ctnas.{RUN}")
    if noted is None:
        raise ConfigurationError(
            f"study {config.study!r} names no run whose supernet measures: give --labels"
        )
    directory = RunDirectory(config.run or Path(str(noted)))
    for path in (directory.config, directory.supernet, directory.supernet_training):
        if not path.is_file():
            raise InputFileError(
                f"there is no {str(path)!r}, with which study {config.study!r} is measured; "
                "if this machine has the run directory under another name, give --run"
            )
    settings = read_toml(directory.config, RunConfig)
    from ctnas.run.supernet_labels import restored_weights, weights_identity

    found = {SETTINGS: identity(settings, "labels"), WEIGHTS: weights_identity(directory)}
    for name, digest in found.items():
        if digest != queue.attributes.get(f"ctnas.{name}"):
            raise ConfigurationError(
                f"the {name} in {str(directory.path)!r} are not those of study {config.study!r}"
            )
    if config.data is not None:
        settings = replace(settings, data=config.data)
    return restored_weights(settings, directory, progress).label


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
