"""The labels of a run, brought by this process or by workers, and how workers measure."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ctnas.app.json_file import read_note, write_json
from ctnas.errors import ConfigurationError, InputFileError
from ctnas.labels.passwords import with_password
from ctnas.labels.place import LedgerPlace, open_ledger
from ctnas.labels.queue import ASKS, LabelQueue, withdraw_queries
from ctnas.labels.retry import Retry
from ctnas.labels.storage import is_url
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import load_splits
from ctnas.run.latencies import asks_for_latencies, latency_measure
from ctnas.settings.resuming import identity
from ctnas.settings.toml import read_toml
from ctnas.workers.collector import QueueCollector
from ctnas.workers.team import LocalTeam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.labels import LabelSet, Ledger
    from ctnas.run.label_sources import LabelSource
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.labels import SupernetLabels
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.team import Team
    from ctnas.workers.worker import Measure

RUN, SETTINGS, WEIGHTS, REPETITION = "run", "settings", "weights", "repetition"
"""What a search notes in its study for workers."""


class LabelCollector(Protocol):
    """Brings labels into a ledger."""

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """Label the architectures that have no label yet; each label is safe before the next.

        Args:
            texts: the architectures.
            title: of the stage.
            origin: noted beside each label.
        """

    def together(self) -> AbstractContextManager[None]:
        """Keep what measures at hand while a block collects several times."""


class Collector:
    """Measures in this process.

    Args:
        source: measures.
        ledger: takes the labels.
        progress: shows labels.
    """

    def __init__(self, source: LabelSource, ledger: Ledger, progress: Progress) -> None:
        self._source, self._ledger, self._progress = source, ledger, progress

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """See `LabelCollector.collect`."""
        known = set(self._ledger.architectures)
        missing = [text for text in texts if text not in known]
        if not missing:
            return
        with self._progress.stage(title) as advance:
            done = len(texts) - len(missing)
            advance(done, len(texts))
            for text, label in zip(missing, self._source.measure(missing), strict=True):
                self._ledger.append(text, label.value, **label.attributes, source=origin)
                done += 1
                advance(done, len(texts))

    def together(self) -> AbstractContextManager[None]:
        """Do nothing: this process is at hand."""
        return nullcontext()


class RunLabels:
    """The labels of a run, and what brings more of them.

    Args:
        run: how long measuring takes is noted in its watch.
        space: of the architectures.
        ledger: the labels.
        collector: brings them into it.
        stage: what measuring counts as in the times of the run.
    """

    def __init__(
        self,
        run: RunContext,
        space: SearchSpace,
        ledger: Ledger,
        collector: LabelCollector,
        stage: str,
    ) -> None:
        self._watch, self._space, self._stage = run.watch, space, stage
        self.ledger, self._collector = ledger, collector

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """Label the architectures that have no label yet; see `LabelCollector.collect`."""
        with self._watch.time(self._stage):
            self._collector.collect(texts, title, origin)

    def together(self) -> AbstractContextManager[None]:
        """Keep what measures at hand while a block collects several times."""
        return self._collector.together()

    def of(self, texts: Sequence[str], *, others: bool = False) -> LabelSet:
        """Return the labels of architectures, in their order; those without one are passed over.

        Args:
            texts: the architectures.
            others: let all other labels follow.
        """
        labels = self.ledger.labels(self._space)
        row = {text: index for index, text in enumerate(self.ledger.architectures)}
        wanted = dict.fromkeys(text for text in texts if text in row)
        if others:
            wanted |= dict.fromkeys(sorted(row))
        return labels[np.array([row[text] for text in wanted], dtype=np.intp)]


def collection(
    run: RunContext, place: LedgerPlace, source: LabelSource
) -> AbstractContextManager[RunLabels]:
    """Open the labels of a run, and what fills them: the search itself or workers.

    Args:
        run: shows labels, and that a database is gone for a while.
        place: where its ledger is.
        source: says what labels are.

    Raises:
        LabelError: if the ledger is of another space, metric or run.
        OutputError: if it cannot be made.
    """

    def here(ledger: Ledger) -> Collector:
        return Collector(source, ledger, run.progress)

    notes = {ASKS: place.study}
    return open_collection(run, place, source.space, source.metric, here, notes, "labels")


def send_workers(run: RunContext, place: LedgerPlace, study: str) -> None:
    """Send workers of a study to another one of the same storage, if there are workers."""
    if run.config.queues:
        retry = Retry(say=run.progress.say)
        with LabelQueue.open(place.location, place.study, retry=retry) as queue:
            queue.describe(**{ASKS: study})


@contextmanager
def open_collection(
    run: RunContext,
    place: LedgerPlace,
    space: SearchSpace,
    metric: str,
    here: Callable[[Ledger], LabelCollector],
    notes: Mapping[str, str | int],
    stage: str,
) -> Iterator[RunLabels]:
    """Open a ledger of a run; see `collection`.

    Args:
        run: shows labels.
        place: where the ledger is.
        space: of its architectures.
        metric: of its labels.
        here: makes what measures in this process.
        notes: what workers have to know, beside what they know of every run.
        stage: what measuring counts as in the times of the run.
    """
    config, progress = run.config, run.progress
    retry = Retry(say=progress.say)
    with open_ledger(place, space, metric, retry, minimize=config.minimize) as ledger:
        if config.storage is not None or config.queues:
            progress.say(f"Labels: {place}")
        if not config.queues:
            # Workers of an earlier part of the run may still be there.
            withdraw_queries(place.location, place.study, retry)
            yield RunLabels(run, space, ledger, here(ledger), stage)
            return
        progress.say(f"Workers join by: {place.joined_by()}")
        with _open_queue(run, place, retry, notes) as queue:
            collector = QueueCollector(queue, ledger, partial(_team, config, place), progress)
            yield RunLabels(run, space, ledger, collector, stage)


def ledger_place(config: RunConfig, directory: RunDirectory) -> LedgerPlace:
    """Return where the labels of a run are kept; it stays there when its directory is renamed.

    Raises:
        OutputError: if the run directory cannot be written.
    """
    if config.storage is None:
        return LedgerPlace(directory.labels)
    if not directory.ledger.exists():
        name = config.study or directory.path.resolve().name
        write_json(directory.ledger, {"study": name, "owner": secrets.token_hex(16)})
    study, owner = read_note(directory.ledger, "study", "owner")
    location = with_password(config.storage)
    place = location if is_url(location) else Path(location)
    return LedgerPlace(place, study, owner)


def _open_queue(
    run: RunContext, place: LedgerPlace, retry: Retry, notes: Mapping[str, str | int]
) -> LabelQueue:
    """Open the queue of a run's ledger, and note in it what workers have to know."""
    heartbeat = run.config.heartbeat
    queue = LabelQueue.open(
        place.location, place.study, create=True, heartbeat=heartbeat, retry=retry
    )
    try:
        queue.describe(**notes_for_workers(run.config, run.directory), **notes)
    except BaseException:
        queue.close()
        raise
    return queue


def _team(config: RunConfig, place: LedgerPlace) -> AbstractContextManager[Team | None]:
    """Return the workers that a run starts, not started yet; none if it leaves all to others."""
    if config.engine == "ray":
        from ctnas.workers.ray_team import RayTeam

        return RayTeam(
            place.location,
            place.study,
            measure_for,
            count=config.workers,
            gpus=config.gpus_per_task,
            address=config.address,
        )
    if not config.workers:
        return nullcontext()
    return LocalTeam(place.location, place.study, config.workers)


def measure_for(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return how a worker measures the architectures of a queue.

    Raises:
        CtnasError: if a table, or what the run has left, cannot be used.
    """
    if config.labels is not None:
        from ctnas.workers.table import table_measure

        return table_measure(config, config.labels, queue, progress.say)
    if f"ctnas.{REPETITION}" in queue.attributes:
        return _training_measure(config, queue, progress)
    if asks_for_latencies(config, queue):
        return latency_measure(config, queue, progress)
    return _supernet_measure(config, queue, progress)


def _supernet_measure(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return what measures with the supernet of the run that a study belongs to."""
    return restored_weights(_noted_run(config, queue, progress)).label


def _training_measure(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return what trains architectures from scratch, for the run that a study belongs to."""
    from ctnas.run.training_jobs import FullTrainings, images_of
    from ctnas.supernet.checkpoint import load_supernet
    from ctnas.supernet.layouts import space_of_layout

    run = _noted_run(config, queue, progress)
    supernet = load_supernet(run.directory.supernet, space=run.config.space)
    space = space_of_layout(run.config.space, supernet.layout)
    trainings = FullTrainings(run, space, images_of(run))
    repetition = int(queue.attributes[f"ctnas.{REPETITION}"])
    return lambda text: trainings.label(text, repetition)


def _noted_run(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> RunContext:
    """Return the run that a study belongs to, having found that it is the same."""
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
    for name, digest in _measured_by(settings, directory).items():
        if digest != queue.attributes.get(f"ctnas.{name}"):
            raise ConfigurationError(
                f"the {name} in {str(directory.path)!r} are not those of study {config.study!r}"
            )
    if config.data is not None:
        settings = replace(settings, data=config.data)
    return RunContext(settings, directory, progress)


def notes_for_workers(config: RunConfig, directory: RunDirectory) -> dict[str, str]:
    """Return what a search notes in its study: its directory, and what labels depend on."""
    return {RUN: str(directory.path.resolve()), **_measured_by(config, directory)}


def _measured_by(config: RunConfig, directory: RunDirectory) -> dict[str, str]:
    with directory.supernet.open("rb") as stream:
        weights = hashlib.file_digest(stream, "sha256").hexdigest()
    return {SETTINGS: identity(config, "labels"), WEIGHTS: weights}


def restored_weights(run: RunContext) -> SupernetLabels:
    """Return the weights that a run has trained, for a process that measures with them.

    Args:
        run: its directory holds a checkpoint; nothing is written to it.

    Raises:
        CtnasError: if checkpoint or images are missing, or not those of the run.
    """
    import torch

    from ctnas.supernet.labels import SupernetLabels
    from ctnas.supernet.layouts import space_of_layout
    from ctnas.supernet.training import restore_supernets
    from ctnas.training.image_note import check_images

    config = run.config
    # Measuring takes one device, however many trained.
    settings = replace(config.supernet, devices=1, nodes=1, workers=0)
    splits = load_splits(config, run.progress)
    check_images(run.directory.image_note, splits, str(config.data or config.dataset))
    space = space_of_layout(config.space, settings.layout(splits, config.space))
    checkpoint = run.directory.supernet_training
    supernets = restore_supernets(space, splits, settings, seed=config.seed, checkpoint=checkpoint)
    # A measurement is done by one thread; whoever has more cores starts more workers.
    torch.set_num_threads(1)
    return SupernetLabels(space, supernets, splits, settings, config.metric, config.seed)
