"""Queries that wait in a ledger for whoever measures them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import shuffle
from typing import TYPE_CHECKING, Any, TypeVar

from ctnas.errors import LabelError
from ctnas.labels.blocks import ARCHITECTURE
from ctnas.labels.entries import Attribute, checked_attribute, checked_value
from ctnas.labels.patience import IMPATIENT
from ctnas.labels.queue_tables import RunningQuery, count_states, running_queries, waiting_ids
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
    from collections.abc import Callable, Collection, Iterable

    from optuna import Study
    from optuna.storages import RDBStorage
    from optuna.trial import TrialState

    from ctnas.labels.patience import Patience

T = TypeVar("T")

QUEUE_VERSION = 1
"""Version of how queries are queued; a process of another one is refused."""

HEARTBEAT_SECONDS = 10
"""How often a worker says that it is alive, unless said otherwise."""

MAXIMUM_DEATHS = 5
"""How many workers may die over one query before it counts as failed."""

QUEUE, HEARTBEAT = "ctnas.queue", "ctnas.heartbeat"
_DEATHS, _REASON = "deaths", "reason"
_AHEAD = 16
"""How many waiting queries are looked up at once."""


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
        heartbeat: how often a worker says that it is alive, seconds.
        attributes: of the study.
    """

    def __init__(
        self, study: Study, storage: RDBStorage, location: str, patience: Patience, heartbeat: int
    ) -> None:
        super().__init__(storage)
        self._study, self._location = study, location
        self._patience = patience
        self._study_id = storage.get_study_id_from_name(study.study_name)
        self._ahead: list[int] = []
        self.heartbeat = heartbeat
        self.attributes: dict[str, Any] = study.user_attrs
        self.space_name: str = self.attributes[SPACE]
        self.metric: str = self.attributes[METRIC]

    @classmethod
    def open(
        cls,
        location: str | Path,
        study: str = STUDY,
        *,
        create: bool = False,
        heartbeat: int = HEARTBEAT_SECONDS,
        patience: Patience = IMPATIENT,
    ) -> LabelQueue:
        """Open the queue of a ledger.

        Args:
            location: the ledger: an SQLite file, or the URL of a database.
            study: name of the study.
            create: make it a queue if it is none yet.
            heartbeat: written where `create` is set: how often workers say that they are alive.
            patience: how long to wait for a server that is gone.

        Raises:
            InputFileError: if the ledger is missing or cannot be read.
            LabelError: if it is no ledger, no queue, or one of another format version.
        """
        import optuna

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
            return cls(opened, storage, name, patience, int(attributes[HEARTBEAT]))

    def describe(self, **attributes: Attribute) -> None:
        """Note what workers have to know in the study, by name."""
        with writable(self._location):
            for name, value in attributes.items():
                key, kept = f"ctnas.{name}", checked_attribute(name, value)
                self._patience(partial(self._study.set_user_attr, key, kept))
                self.attributes[key] = kept

    def enqueue(self, architectures: Iterable[str], **attributes: Attribute) -> int:
        """Queue the architectures that have neither a label nor an open query.

        Only one process may do this at a time.

        Returns:
            How many were queued.
        """
        from optuna.trial import TrialState, create_trial

        kept = {name: checked_attribute(name, item) for name, item in attributes.items()}
        known = self._known()
        count = 0
        for text in architectures:
            if text in known:
                continue
            user_attrs = {ARCHITECTURE: text, **kept}
            trial = create_trial(state=TrialState.WAITING, user_attrs=user_attrs)
            self._write(self._unless_known(text, partial(self._study.add_trial, trial)))
            known.add(text)
            count += 1
        return count

    def claim(self) -> Query | None:
        """Take a waiting query; None if there is none."""
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        while True:
            if not self._ahead:
                self._ahead = self._read(lambda: waiting_ids(*self._where, _AHEAD))
                # So that processes that look at the same time seldom want the same one.
                shuffle(self._ahead)
            if not self._ahead:
                return None
            trial_id = self._ahead.pop(0)
            try:
                if self._set_state(trial_id, TrialState.RUNNING):
                    return Query(trial_id, self._architecture(trial_id))
            except UpdateFinishedTrialError:
                pass
            # Somebody was faster: what else was looked up is old.
            self._ahead.clear()

    def beat(self, query: Query) -> None:
        """Say that the worker of a query is alive."""
        self._write(lambda: self._storage.record_heartbeat(query.trial_id))

    def complete(self, query: Query, value: float, **attributes: Attribute) -> bool:
        """Write the label of a query; it is on disk when this returns.

        Returns:
            Whether it counts; False if another worker has answered the query meanwhile.

        Raises:
            LabelError: if the label is not finite, or an attribute cannot be kept.
            OutputError: if it cannot be written.
        """
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        number = checked_value(query.architecture, value)
        kept = {name: checked_attribute(name, item) for name, item in attributes.items()}
        try:
            for name, item in kept.items():
                self._set_attribute(query.trial_id, name, item)
            return self._set_state(query.trial_id, TrialState.COMPLETE, [number])
        except UpdateFinishedTrialError:
            return False

    def release(self, query: Query) -> None:
        """Give a query back unanswered; it waits for another worker."""
        from optuna.trial import TrialState

        self._end(query.trial_id, TrialState.WAITING)

    def fail(self, query: Query, reason: str) -> None:
        """Say why a query cannot be answered by anybody."""
        from optuna.trial import TrialState

        self._end(query.trial_id, TrialState.FAIL, **{_REASON: reason})

    def revive(self, trial_id: int) -> None:
        """Let a query wait again whose worker is dead; it fails if too many have died over it."""
        from optuna.trial import TrialState

        trial = self._read(lambda: self._storage.get_trial(trial_id))
        deaths = int(trial.user_attrs.get(_DEATHS, 0)) + 1
        if deaths >= MAXIMUM_DEATHS:
            self._end(trial_id, TrialState.FAIL, **{_REASON: f"{deaths} workers died over it"})
            return
        self._end(trial_id, TrialState.WAITING, **{_DEATHS: deaths})

    def withdraw(self, but: Collection[str] = ()) -> int:
        """End open queries unanswered; labels that workers still send for them are not written.

        Args:
            but: architectures whose queries stay open.

        Returns:
            How many were ended.
        """
        from optuna.trial import TrialState

        states = (TrialState.WAITING, TrialState.RUNNING)
        trials = self._read(lambda: self._study.get_trials(deepcopy=False, states=states))
        ended = [trial for trial in trials if trial.user_attrs.get(ARCHITECTURE) not in but]
        for trial in ended:
            trial_id = self._storage.get_trial_id_from_study_id_trial_number(
                self._study_id, trial.number
            )
            self._end(trial_id, TrialState.FAIL, **{_REASON: "withdrawn"})
        return len(ended)

    def running(self) -> list[RunningQuery]:
        """Return the queries that somebody has taken."""
        return self._read(lambda: running_queries(*self._where))

    def counts(self) -> dict[str, int]:
        """Return how many queries are in each state that occurs: WAITING, RUNNING and so on."""
        return self._read(lambda: count_states(*self._where))

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

    def _unless_known(self, text: str, add: Callable[[], None]) -> Callable[[], None]:
        """Return a way to add a query that can be repeated after a connection broke."""
        begun = False

        def once() -> None:
            nonlocal begun
            if not (begun and text in self._known()):
                begun = True
                add()

        return once

    def _architecture(self, trial_id: int) -> str:
        trial = self._read(lambda: self._storage.get_trial(trial_id))
        text = trial.user_attrs.get(ARCHITECTURE)
        if not isinstance(text, str):
            raise LabelError(f"{self._location}: trial {trial.number} has no architecture")
        return text

    def _end(self, trial_id: int, state: TrialState, **notes: Attribute) -> None:
        """Leave RUNNING or WAITING with some notes; nothing if the query has been answered."""
        from optuna.exceptions import UpdateFinishedTrialError

        with suppress(UpdateFinishedTrialError):
            for name, value in notes.items():
                self._set_attribute(trial_id, name, value)
            self._set_state(trial_id, state)

    def _set_state(
        self, trial_id: int, state: TrialState, values: list[float] | None = None
    ) -> bool:
        return self._write(lambda: self._storage.set_trial_state_values(trial_id, state, values))

    def _set_attribute(self, trial_id: int, name: str, value: Attribute) -> None:
        self._write(lambda: self._storage.set_trial_user_attr(trial_id, name, value))

    def _write(self, operation: Callable[[], T]) -> T:
        with writable(self._location):
            return self._patience(operation)

    def _read(self, operation: Callable[[], T]) -> T:
        with readable(self._location):
            return self._patience(operation)


def withdraw_queries(location: str | Path, study: str, patience: Patience = IMPATIENT) -> None:
    """End the open queries of a ledger, if it queues any: nobody has to answer them any more.

    Args:
        location: the ledger: an SQLite file, or the URL of a database.
        study: name of the study.
        patience: how long to wait for a server that is gone.

    Raises:
        LabelError: if the queue is of another format version.
    """
    if QUEUE in (find_study(location, study) or {}):
        with LabelQueue.open(location, study, patience=patience) as queue:
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
