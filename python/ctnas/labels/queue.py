"""Queries that wait in a ledger for whoever measures them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import shuffle
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from ctnas.checked import checked_path
from ctnas.errors import LabelError
from ctnas.labels import queue_tables, queue_writes
from ctnas.labels.blocks import ARCHITECTURE
from ctnas.labels.label import Attribute, checked_attribute, checked_value
from ctnas.labels.retry import NO_RETRY
from ctnas.labels.storage import (
    StorageUser,
    check_sqlite,
    is_url,
    open_storage,
    readable,
    shown,
    writable,
)
from ctnas.labels.study import METRIC, SPACE, STUDY, check_format, find_study

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from optuna import Study
    from optuna.storages import RDBStorage

    from ctnas.labels.queue_tables import RunningQuery
    from ctnas.labels.queue_writes import Attributes
    from ctnas.labels.retry import Retry

T = TypeVar("T")

QUEUE_VERSION = 1
"""Version of how queries are queued; a process of another one is refused."""

HEARTBEAT_SECONDS = 10
"""How often a worker says that it is alive, unless said otherwise."""

MAXIMUM_DEATHS = 5
"""How many workers may die over one query before it counts as failed."""

ASKS = "asks"
"""What a search notes in its study: the name of the one that it asks in now."""

QUEUE, HEARTBEAT = "ctnas.queue", "ctnas.heartbeat"
_DEATHS, _REASON = "deaths", "reason"
_AHEAD = 64
"""How many waiting queries are looked up at once."""
_AT_ONCE = 500
"""How many are queued in one transaction."""


@dataclass(frozen=True, slots=True)
class Query:
    """An architecture that this process has to measure.

    Attributes:
        trial_id: of its trial in the storage.
        architecture: as text.
    """

    trial_id: int
    architecture: str


class LabelQueue(StorageUser):
    """The unfinished queries of a ledger: waiting, or with the worker that took them.

    A query is one Optuna trial for all its life. Whoever sets its state from WAITING to RUNNING
    measures it; that step is atomic. If its worker dies, it waits again. Whoever sets it to
    COMPLETE first gives the label; a later label is not written.

    Use `open`; it is a context manager, and may be used by several threads.

    Attributes:
        space_name: name of the search space.
        metric: name of what the labels measure.
        minimize: whether lower is better.
        heartbeat: how often a worker says that it is alive, seconds.
        attributes: of the study.
    """

    def __init__(
        self, study: Study, storage: RDBStorage, location: str, retry: Retry, heartbeat: int
    ) -> None:
        super().__init__(storage)
        self._study, self._location = study, location
        self._retry = retry
        self._study_id = storage.get_study_id_from_name(study.study_name)
        self._ahead: list[tuple[int, Any]] = []
        self._lock = Lock()
        self.heartbeat = heartbeat
        self.attributes: dict[str, Any] = study.user_attrs
        self.space_name: str = self.attributes[SPACE]
        self.metric: str = self.attributes[METRIC]
        self.minimize = study.direction.name == "MINIMIZE"

    @classmethod
    def open(
        cls,
        location: str | Path,
        study: str = STUDY,
        *,
        create: bool = False,
        heartbeat: int = HEARTBEAT_SECONDS,
        retry: Retry = NO_RETRY,
    ) -> LabelQueue:
        """Open the queue of a ledger.

        Args:
            location: the ledger: an SQLite file, or the URL of a database.
            study: name of the study.
            create: make it a queue if it is none yet.
            heartbeat: written where `create` is set: how often workers say that they are alive.
            retry: how long to wait for a server that is gone.

        Raises:
            InputFileError: if the ledger is missing or cannot be read.
            LabelError: if it is no ledger, no queue, or one of another format version.
        """
        import optuna

        location = checked_path("location", location)
        if not is_url(location):
            check_sqlite(Path(location))
        name = shown(location)
        with readable(location), open_storage(location, exclusive=True) as storage:
            try:
                opened = optuna.load_study(study_name=study, storage=storage)
            except KeyError:
                raise LabelError(f"{name} is not a ledger: it has no study {study!r}") from None
            check_format(name, opened.user_attrs)
            if create:
                opened.set_user_attr(HEARTBEAT, heartbeat)
                if QUEUE not in opened.user_attrs:
                    opened.set_user_attr(QUEUE, QUEUE_VERSION)
            attributes = opened.user_attrs
            _check_version(name, study, attributes)
            return cls(opened, storage, name, retry, int(attributes[HEARTBEAT]))

    def describe(self, **attributes: Attribute) -> None:
        """Note what workers have to know in the study, by name."""
        with writable(self._location):
            for name, value in attributes.items():
                key, kept = f"ctnas.{name}", checked_attribute(name, value)
                self._retry(partial(self._study.set_user_attr, key, kept))
                self.attributes[key] = kept

    def asks(self) -> str:
        """Return the name of the study that the search asks in now: this one, unless it says so."""
        noted = self._read(lambda: self._storage.get_study_user_attrs(self._study_id))
        return str(noted.get(f"ctnas.{ASKS}", self._study.study_name))

    def enqueue(self, architectures: Iterable[str], **attributes: Attribute) -> int:
        """Queue the architectures that have neither a label nor an open query.

        Only one process may do this at a time.

        Returns:
            How many were queued.
        """
        kept = {name: checked_attribute(name, item) for name, item in attributes.items()}
        known = self._known()
        fresh = [text for text in dict.fromkeys(architectures) if text not in known]
        for start in range(0, len(fresh), _AT_ONCE):
            self._append(fresh[start : start + _AT_ONCE], kept)
        return len(fresh)

    def claim(self) -> Query | None:
        """Take a waiting query; None if there is none.

        Raises:
            LabelError: if a trial waits that has no architecture.
        """
        while waiting := self._next():
            trial_id, architecture = waiting
            if not isinstance(architecture, str):
                raise LabelError(f"{self._location}: trial id {trial_id} has no architecture")
            if self._step(queue_writes.take, trial_id):
                return Query(trial_id, architecture)
            # Somebody was faster: what else was looked up is old.
            self._ahead = []
        return None

    def beat(self, query: Query) -> None:
        """Say that the worker of a query is alive."""
        self._write(lambda: self._storage.record_heartbeat(query.trial_id))

    def complete(self, query: Query, value: float, **attributes: Attribute) -> bool:
        """Write the label of a query; it is on disk when this returns.

        Returns:
            Whether it counts; False if the query has been answered or ended meanwhile.

        Raises:
            LabelError: if the label is not finite, or an attribute cannot be kept.
            OutputError: if it cannot be written.
        """
        number = checked_value(query.architecture, value)
        kept = {name: checked_attribute(name, item) for name, item in attributes.items()}
        return self._step(queue_writes.answer, query.trial_id, number, kept)

    def release(self, query: Query) -> None:
        """Give a query back unanswered; it waits for another worker."""
        self._step(queue_writes.give_back, query.trial_id, {})

    def fail(self, query: Query, reason: str) -> None:
        """Say why a query cannot be answered by anybody."""
        self._step(queue_writes.fail, query.trial_id, {_REASON: reason})

    def revive(self, trial_id: int) -> None:
        """Let a query wait again whose worker is dead; it fails if too many have died over it."""
        known = self._read(lambda: queue_tables.attribute(self._storage.engine, trial_id, _DEATHS))
        deaths = int(known or 0) + 1
        if deaths >= MAXIMUM_DEATHS:
            self._step(queue_writes.fail, trial_id, {_REASON: f"{deaths} workers died over it"})
            return
        self._step(queue_writes.give_back, trial_id, {_DEATHS: deaths})

    def withdraw(self, but: Collection[str] = ()) -> int:
        """End open queries unanswered; labels that workers still send for them are not written.

        Args:
            but: architectures whose queries stay open.

        Returns:
            How many were ended.
        """
        unfinished = self._read(lambda: queue_tables.unfinished_queries(*self._where))
        ended = [trial_id for trial_id, architecture in unfinished if architecture not in but]
        for trial_id in ended:
            self._step(queue_writes.fail, trial_id, {_REASON: "withdrawn"})
        return len(ended)

    def running(self) -> list[RunningQuery]:
        """Return the queries that somebody has taken."""
        return self._read(lambda: queue_tables.running_queries(*self._where))

    def counts(self) -> dict[str, int]:
        """Return how many queries are in each state that occurs: WAITING, RUNNING and so on."""
        return self._read(lambda: queue_tables.count_states(*self._where))

    def failures(self) -> dict[str, str]:
        """Return the reason of every query that failed, by architecture."""
        from optuna.trial import TrialState

        trials = self._read(
            lambda: self._study.get_trials(deepcopy=False, states=(TrialState.FAIL,))
        )
        return {
            trial.user_attrs[ARCHITECTURE]: str(trial.user_attrs.get(_REASON, "unknown"))
            for trial in trials
            if ARCHITECTURE in trial.user_attrs
        }

    @property
    def _where(self) -> tuple[Any, int]:
        return self._storage.engine, self._study_id

    def _known(self) -> set[str]:
        """Return the architectures that have a label or an open query."""
        from optuna.trial import TrialState

        states = (TrialState.WAITING, TrialState.RUNNING, TrialState.COMPLETE)
        trials = self._read(lambda: self._study.get_trials(deepcopy=False, states=states))
        return {t.user_attrs[ARCHITECTURE] for t in trials if ARCHITECTURE in t.user_attrs}

    def _next(self) -> tuple[int, Any] | None:
        """Return trial id and architecture of a query that waited a moment ago."""
        with self._lock:
            if not self._ahead:
                ahead = self._read(lambda: queue_tables.waiting_queries(*self._where, _AHEAD))
                # So that processes that look at the same time seldom want the same one.
                shuffle(ahead)
                self._ahead = ahead
            return self._ahead.pop() if self._ahead else None

    def _append(self, texts: Sequence[str], attributes: Attributes) -> None:
        """Add waiting queries; may be repeated after a connection broke."""
        begun = False

        def once() -> None:
            nonlocal begun
            # It may have broken after they were written, which happens to all or none.
            if not (begun and texts[0] in self._known()):
                begun = True
                trials = [{ARCHITECTURE: text, **attributes} for text in texts]
                queue_writes.append_waiting(*self._where, trials)

        self._write(once)

    def _step(self, step: Callable[..., bool], trial_id: int, *what: Any) -> bool:
        """Let a trial make one step; return whether it did."""
        return self._write(lambda: step(self._storage.engine, trial_id, *what))

    def _write(self, operation: Callable[[], T]) -> T:
        with writable(self._location):
            return self._retry(operation)

    def _read(self, operation: Callable[[], T]) -> T:
        with readable(self._location):
            return self._retry(operation)


def withdraw_queries(location: str | Path, study: str, retry: Retry = NO_RETRY) -> None:
    """End the open queries of a ledger, if it queues any: nobody has to answer them any more.

    Args:
        location: the ledger: an SQLite file, or the URL of a database.
        study: name of the study.
        retry: how long to wait for a server that is gone.

    Raises:
        LabelError: if the queue is of another format version.
    """
    if QUEUE in (find_study(location, study) or {}):
        with LabelQueue.open(location, study, retry=retry) as queue:
            queue.withdraw()


def _check_version(name: str, study: str, attributes: dict[str, Any]) -> None:
    """Raise LabelError unless this version can take queries from a study."""
    if QUEUE not in attributes:
        raise LabelError(
            f"study {study!r} of {name} queues nothing: it has to be opened with create=True first"
        )
    if attributes[QUEUE] != QUEUE_VERSION:
        raise LabelError(
            f"study {study!r} of {name} has queue format {attributes[QUEUE]}; this version of "
            f"ctnas works on format {QUEUE_VERSION}: use the version that runs the search"
        )
