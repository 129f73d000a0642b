"""The labels of a run, brought by this process or by workers, and in which order they count."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ctnas.errors import LabelError
from ctnas.labels.queue import LabelQueue, withdraw_queries
from ctnas.labels.retry import Patience
from ctnas.run.ledger import open_ledger
from ctnas.run.worker_measures import measure_for, notes_for_workers
from ctnas.workers.liveness import Watch
from ctnas.workers.team import LocalTeam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.labels import LabelSet, Ledger
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.label_sources import LabelSource
    from ctnas.run.ledger import LedgerPlace
    from ctnas.spaces import SearchSpace
    from ctnas.workers.team import Team


_PAUSE = 0.2


class QueueCollector:
    """Brings labels into a ledger by workers.

    Args:
        queue: of the ledger.
        ledger: takes the labels.
        team: starts the workers of this run; they live as long as there is something to measure,
            or as long as `together` says.
        progress: shows labels.
    """

    def __init__(
        self,
        queue: LabelQueue,
        ledger: Ledger,
        team: Callable[[], AbstractContextManager[Team | None]],
        progress: Progress,
    ) -> None:
        self._queue, self._ledger = queue, ledger
        self._team, self._progress = team, progress

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """Have the architectures labeled that have no label yet.

        Args:
            texts: the architectures.
            title: of the stage.
            origin: noted beside each label.

        Raises:
            LabelError: if one of them cannot be measured.
            TrainingError: if workers die again and again.
        """
        known = set(self._ledger.architectures)
        missing = [text for text in texts if text not in known]
        self._queue.withdraw(but=set(missing))
        if not missing:
            return
        failed = self._queue.counts().get("FAIL", 0)
        self._queue.enqueue(missing, source=origin)
        with self._progress.stage(title) as advance, self._team() as team:
            watch = Watch(self._queue)
            while True:
                counts = self._queue.counts()
                # Whatever waits is missing: the rest was withdrawn.
                done = len(texts) - counts.get("WAITING", 0) - counts.get("RUNNING", 0)
                if counts.get("FAIL", 0) > failed:
                    self._refuse(missing)
                advance(done, len(texts))
                if done == len(texts):
                    return
                if team is not None:
                    team.supervise(counts.get("COMPLETE", 0))
                watch.look()
                sleep(_PAUSE)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep the workers while a block collects several times: they are slow to start."""
        make = self._team
        with make() as team:
            self._team = lambda: nullcontext(team)
            try:
                yield
            finally:
                self._team = make

    def _refuse(self, missing: Sequence[str]) -> None:
        """Raise LabelError for the first architecture that could not be measured."""
        known = set(self._ledger.architectures)
        failures = self._queue.failures()
        for text in missing:
            if text in failures and text not in known:
                raise LabelError(f"{text!r} could not be measured: {failures[text]}")


def open_queue(
    config: RunConfig, directory: RunDirectory, place: LedgerPlace, patience: Patience
) -> LabelQueue:
    """Open the queue of a run's ledger, and note in it what workers have to know.

    Args:
        config: the settings of the run.
        directory: holds the supernet.
        place: where the ledger is.
        patience: how long to wait for a server that is gone.
    """
    queue = LabelQueue.open(
        place.location, place.study, create=True, heartbeat=config.heartbeat, patience=patience
    )
    try:
        queue.describe(**notes_for_workers(config, directory))
    except BaseException:
        queue.close()
        raise
    return queue


def make_team(config: RunConfig, place: LedgerPlace) -> AbstractContextManager[Team | None]:
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


@contextmanager
def labeling(
    config: RunConfig,
    directory: RunDirectory,
    place: LedgerPlace,
    source: LabelSource,
    progress: Progress,
) -> Iterator[tuple[Ledger, LabelCollector]]:
    """Open the ledger of a run, and what fills it: the search itself or workers.

    Args:
        config: the settings of the run.
        directory: of the run.
        place: where its ledger is.
        source: says what labels are.
        progress: shows labels, and that a database is gone for a while.

    Raises:
        LabelError: if the ledger is of another space, metric or run.
        OutputError: if it cannot be made.
    """
    patience = Patience(say=progress.say)
    with open_ledger(
        place, source.space, source.metric, patience, minimize=config.minimize
    ) as ledger:
        if config.storage is not None or config.queues:
            progress.say(f"Labels: {place}")
        if not config.queues:
            # Workers of an earlier part of the run may still be there.
            withdraw_queries(place.location, place.study, patience)
            yield ledger, Collector(source, ledger, progress)
            return
        progress.say(f"Workers join by: {place.joined_by()}")
        with open_queue(config, directory, place, patience) as queue:
            yield ledger, QueueCollector(queue, ledger, partial(make_team, config, place), progress)


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
        """Label the architectures that have no label yet; each label is safe before the next.

        Args:
            texts: the architectures.
            title: of the stage.
            origin: noted beside each label.
        """
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


def ordered_labels(
    ledger: Ledger, space: SearchSpace, order: Sequence[str], *, only: bool = False
) -> LabelSet:
    """Return the labels of a ledger, those of `order` first and in that order.

    Args:
        ledger: the labels.
        space: their space.
        order: architectures as text; those without a label are passed over.
        only: leave out what is not in `order`.
    """
    labels = ledger.labels(space)
    row = {text: index for index, text in enumerate(ledger.architectures)}
    wanted = list(dict.fromkeys(text for text in order if text in row))
    if not only:
        wanted = list(dict.fromkeys([*wanted, *sorted(row)]))
    return labels[np.array([row[text] for text in wanted], dtype=np.intp)]
