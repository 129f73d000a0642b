"""Labels brought into a ledger by workers."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from time import sleep
from typing import TYPE_CHECKING

from ctnas.errors import LabelError
from ctnas.workers.liveness import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.labels import Ledger
    from ctnas.labels.queue import LabelQueue
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
