"""Latencies that a search asks for: measured here, or by a worker on the device that matters."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.errors import ConfigurationError
from ctnas.labels.place import LedgerPlace, open_ledger
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import Retry
from ctnas.networks.description import machine_name
from ctnas.networks.latencies import LatencyMeter, MeasuredLatencies
from ctnas.networks.latency import LatencyConfig
from ctnas.run.label_config import LabelConfig
from ctnas.settings.objectives import LATENCY
from ctnas.supernet.layouts import make_layout
from ctnas.workers.collector import QueueCollector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.labels import Ledger
    from ctnas.run.context import RunContext
    from ctnas.searching.targets import Values
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.layouts import Layout
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.worker import Measure

LAYOUT, TIMING, DEVICE = "layout", "timing", "device"
"""What a study of latencies notes: sizes of the networks, how they are timed, and on what."""


def latencies(run: RunContext, place: LedgerPlace, space: SearchSpace, layout: Layout) -> Values:
    """Return what gives the latencies of architectures, milliseconds.

    Args:
        run: says who measures and how.
        place: where its labels are; a study of latencies stands beside it.
        space: of the architectures.
        layout: sizes of the networks.
    """
    config = run.config
    if config.latency_by == "search":
        meter = LatencyMeter(space.name, layout, config.latency, run.progress.say)
        return MeasuredLatencies(meter, run.directory.latencies, run.progress).of
    beside = LedgerPlace(run.directory.latency_labels)
    if config.storage is not None:
        beside = LedgerPlace(place.location, f"{place.study}-{LATENCY}", place.owner)
    return _QueuedLatencies(run, beside, space, layout).of


class _QueuedLatencies:
    """Has latencies measured by workers, and keeps them in a study.

    Args:
        run: whose they are.
        place: of the study.
        space: of the architectures.
        layout: sizes of the networks.
    """

    def __init__(
        self, run: RunContext, place: LedgerPlace, space: SearchSpace, layout: Layout
    ) -> None:
        self._run, self._place = run, place
        self._space, self._layout = space, layout
        self._known: dict[str, float] = {}

    def of(self, batch: ArchitectureBatch, texts: Sequence[str]) -> Float64Array:
        """Return the latencies of N architectures, float64 [N], milliseconds."""
        del batch
        missing = [text for text in texts if text not in self._known]
        if missing:
            with self._opened() as (queue, ledger):
                collector = QueueCollector(
                    queue, ledger, lambda: nullcontext(None), self._run.progress
                )
                collector.collect(missing, "Wait for latencies", LATENCY)
                self._known = dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))
        return np.array([self._known[text] for text in texts])

    @contextmanager
    def _opened(self) -> Iterator[tuple[LabelQueue, Ledger]]:
        config, say, place = self._run.config, self._run.progress.say, self._place
        retry = Retry(say=say)
        if not self._known:
            say(f"Latencies are measured by: {place.joined_by()} --measure latency")
        with (
            open_ledger(place, self._space, LATENCY, retry, minimize=True) as ledger,
            LabelQueue.open(
                place.location, place.study, create=True, heartbeat=config.heartbeat, retry=retry
            ) as queue,
        ):
            layout: Any = self._layout
            queue.describe(
                **{LAYOUT: json.dumps(asdict(layout)), TIMING: json.dumps(asdict(config.latency))}
            )
            yield queue, ledger


def latency_measure(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return how a worker measures the latencies that a study asks for.

    Args:
        config: of the worker.
        queue: notes sizes of the networks and how they are timed.
        progress: told of repetitions that spread.

    Raises:
        ConfigurationError: if the study asks for something else, or began on another device.
    """
    notes = queue.attributes
    if f"ctnas.{LAYOUT}" not in notes:
        raise ConfigurationError(
            f"study {config.study!r} asks for {queue.metric}, not for latencies: ctnas-search "
            "--latency-by workers makes one that does, and prints its name"
        )
    timing = LatencyConfig(**json.loads(notes[f"ctnas.{TIMING}"]))
    told = config.latency if isinstance(config, LabelConfig) else timing
    if told not in (LatencyConfig(), timing):
        raise ConfigurationError(
            f"study {config.study!r} has settings of its own for latencies, those of its search "
            f"({timing}): give no others"
        )
    here = machine_name()
    known = notes.get(f"ctnas.{DEVICE}", here)
    if known != here:
        raise ConfigurationError(
            f"study {config.study!r} is timed on {known!r}, and this is {here!r}: latencies of "
            "several devices cannot be compared"
        )
    layout = make_layout(queue.space_name, **json.loads(notes[f"ctnas.{LAYOUT}"]))
    meter = LatencyMeter(queue.space_name, layout, timing, progress.say)
    queue.describe(**{DEVICE: here})
    progress.say(f"Latencies: {meter}, {here}")
    return meter.label


def asks_for_latencies(config: WorkerConfig, queue: LabelQueue) -> bool:
    """Return whether a worker measures latencies: a study asks for them, or its user does."""
    told = isinstance(config, LabelConfig) and config.measure == "latency"
    return told or f"ctnas.{LAYOUT}" in queue.attributes
