"""Labels by workers: what is missing is queued, and the search waits for it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from time import sleep
from typing import TYPE_CHECKING

from ctnas.errors import LabelError
from ctnas.labels.queue import LabelQueue
from ctnas.run.worker_measures import measure_for, notes_for_workers
from ctnas.workers.liveness import Watch
from ctnas.workers.team import LocalTeam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.labels import Ledger
    from ctnas.labels.retry import Patience
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.ledger import LedgerPlace
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
