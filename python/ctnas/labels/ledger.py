"""The labels of a run on disk, as an Optuna study that any of Optuna's tools can open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.app.atomic import replacing
from ctnas.app.silence import silenced
from ctnas.checked import checked_path
from ctnas.errors import ArchitectureError, LabelError, LabelWarning
from ctnas.labels.blocks import ARCHITECTURE
from ctnas.labels.label import Attribute, checked_attribute, checked_value
from ctnas.labels.label_set import LabelSet
from ctnas.labels.measurements import MEASUREMENTS, SPREAD
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
from ctnas.labels.study import (
    METRIC,
    SPACE,
    STUDY,
    check_format,
    check_same,
    create_study,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from optuna import Study
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial, TrialState

    from ctnas.architecture import Float64Array
    from ctnas.labels.retry import Retry
    from ctnas.spaces import SearchSpace


class Ledger(StorageUser):
    """Labels that are safe on disk the moment they are appended.

    A label is a finished trial whose value is the label, in the user's unit and direction, and
    whose user attribute `architecture` is the architecture as text. The first label of an
    architecture stands: a later one is not written, and is passed over where another process wrote
    it meanwhile. One that stands for several measurements says so by the attributes
    `measurements` and `spread`; see `repetition_attributes`.

    Several processes may open the same ledger. Use `create` or `open`; it is a context manager.

    Attributes:
        space_name: name of the search space of the architectures.
        metric: name of what the labels measure.
        minimize: whether lower is better: the direction of the study.

    Example:
        >>> with Ledger.create("labels.db", space, metric="log_likelihood") as ledger:
        ...     added = ledger.append(text, -0.41, accuracy=0.87, source="random")
        ...     labels = ledger.labels(space)
    """

    def __init__(
        self,
        study: Study,
        storage: RDBStorage,
        location: str,
        space: SearchSpace | None,
        retry: Retry = NO_RETRY,
    ) -> None:
        super().__init__(storage)
        self._study = study
        self._retry = retry
        self._location = location
        self._space = space
        self._written: set[str] | None = None
        attributes = study.user_attrs
        self.space_name: str = attributes[SPACE]
        self.metric: str = attributes[METRIC]
        self.minimize = study.direction.name == "MINIMIZE"

    @classmethod
    def create(
        cls,
        location: str | Path,
        space: SearchSpace,
        metric: str,
        study: str = STUDY,
        notes: Mapping[str, str] | None = None,
        *,
        minimize: bool = False,
    ) -> Ledger:
        """Make a new, empty ledger and open it.

        Args:
            location: the name of an SQLite file that does not exist yet, which appears whole or
                not at all; or the URL of a database that SQLAlchemy knows.
            space: the space of the architectures.
            metric: what the labels measure.
            study: name of the study, where one database holds several.
            notes: further attributes of the study, by name.
            minimize: whether lower is better.

        Raises:
            LabelError: if there is such a ledger already.
            OutputError: if it cannot be written.
        """
        location = checked_path("location", location)
        if is_url(location):
            with writable(location):
                create_study(location, space, metric, study, notes, minimize=minimize)
            return cls.open(location, space, metric, study)
        path = Path(location)
        if path.exists():
            raise LabelError(f"{path} exists already; open it, or choose another name")
        with replacing(path) as temporary, writable(path):
            create_study(temporary, space, metric, study, notes, minimize=minimize)
        return cls.open(path, space, metric, study)

    @classmethod
    def open(
        cls,
        location: str | Path,
        space: SearchSpace | None = None,
        metric: str | None = None,
        study: str = STUDY,
        retry: Retry = NO_RETRY,
    ) -> Ledger:
        """Open a ledger that exists.

        Args:
            location: the SQLite file, or the URL of a database.
            space: if given, the ledger must be of this space, and `append` checks against it.
            metric: if given, the ledger must hold labels of this metric.
            study: name of the study.
            retry: how long reading and writing wait for a server that is gone.

        Raises:
            InputFileError: if the file is missing or unreadable.
            LabelError: if it is not a ledger, or one of another space, metric or newer format.
        """
        import optuna

        location = checked_path("location", location)
        if not is_url(location):
            check_sqlite(Path(location))
        name = shown(location)
        with readable(location), open_storage(location) as storage:
            try:
                opened = optuna.load_study(study_name=study, storage=storage)
            except KeyError:
                raise LabelError(f"{name} is not a ledger: it has no study {study!r}") from None
            attributes = opened.user_attrs
            check_format(name, attributes)
            if space is not None:
                check_same(name, "space", attributes[SPACE], space.name)
            if metric is not None:
                check_same(name, "metric", attributes[METRIC], metric)
            return cls(opened, storage, name, space, retry)

    def append(self, architecture: str, value: float, **attributes: Attribute) -> bool:
        """Write one label; it is on disk when this returns.

        Args:
            architecture: the text form; written as the space itself would write it, if known.
            value: the label, finite.
            **attributes: what else is known, by name: text, numbers or truth values.

        Returns:
            Whether it was written; False if the ledger has a label of this architecture already.

        Raises:
            ArchitectureError: if the text is not in the space.
            LabelError: if the label is not finite, or an attribute cannot be kept.
            OutputError: if it cannot be written, for instance on a full disk.
        """
        from optuna.trial import create_trial

        text = self._canonical(architecture)
        number = checked_value(text, value)
        kept = {name: checked_attribute(name, item) for name, item in attributes.items()}
        if self._written is None:
            self._written = set(self._trials())
        if text in self._written:
            return False
        trial = create_trial(value=number, user_attrs={ARCHITECTURE: text, **kept})
        begun = False

        def write() -> bool:
            nonlocal begun
            # A connection that broke may have broken after the label was written.
            if begun and text in self._trials():
                return True
            begun = True
            self._study.add_trial(trial)
            return True

        with writable(self._location):
            self._retry(write)
        self._written.add(text)
        return True

    def labels(self, space: SearchSpace) -> LabelSet:
        """Return all labels, in the order in which they were written.

        Raises:
            LabelError: if the ledger is of another space, or a text in it is not of this one.
        """
        check_same(self._location, "space", self.space_name, space.name)
        try:
            batch = space.parse(self.architectures)
        except ArchitectureError as error:
            raise LabelError(f"{self._location}: {error}") from None
        notes = [trial.user_attrs for trial in self._trials().values()]
        # Whoever made the ledger was told.
        with silenced(LabelWarning):
            return LabelSet(
                space,
                batch,
                self.values,
                self.metric,
                minimize=self.minimize,
                counts=[note.get(MEASUREMENTS, 1) for note in notes],
                spreads=[note.get(SPREAD, np.nan) for note in notes],
            )

    @property
    def architectures(self) -> list[str]:
        """The N architectures as text."""
        return list(self._trials())

    @property
    def values(self) -> Float64Array:
        """The labels as they were measured, float64 [N]."""
        return np.array([trial.value for trial in self._trials().values()], dtype=np.float64)

    def times(self) -> Float64Array:
        """Return when each label was known, seconds since the epoch, float64 [N]."""
        return np.array(
            [
                np.nan if trial.datetime_complete is None else trial.datetime_complete.timestamp()
                for trial in self._trials().values()
            ],
            dtype=np.float64,
        )

    def sources(self) -> list[str]:
        """Return the attribute `source` of each label; empty where nothing was noted."""
        return [str(trial.user_attrs.get("source", "")) for trial in self._trials().values()]

    def trial_count(self) -> int:
        """Return how many labels were written; more than `len` if one was written twice."""
        from optuna.trial import TrialState

        with readable(self._location):
            return len(self._get_trials((TrialState.COMPLETE,)))

    def attributes(self, name: str) -> NDArray[Any]:
        """Return what was noted under `name` beside each label.

        Returns:
            float64 [N], NaN where nothing was noted, if only numbers and truth values were;
            otherwise text [N], empty where nothing was noted.

        Raises:
            LabelError: if no label has it; the message lists what there is.
        """
        notes = [trial.user_attrs for trial in self._trials().values()]
        found = [note[name] for note in notes if name in note]
        if not found:
            known = sorted({key for note in notes for key in note} - {ARCHITECTURE})
            listed = ", ".join(known) or "none"
            raise LabelError(f"{self._location} has no attribute {name!r}; there are: {listed}")
        if any(isinstance(item, str) for item in found):
            return np.array([str(note.get(name, "")) for note in notes], dtype=np.str_)
        return np.array([note.get(name, np.nan) for note in notes], dtype=np.float64)

    def __len__(self) -> int:
        return len(self._trials())

    def __contains__(self, architecture: object) -> bool:
        return architecture in self._trials()

    def _canonical(self, architecture: str) -> str:
        if self._space is None:
            return architecture
        try:
            return self._space.format(self._space.parse([architecture]))[0]
        except ArchitectureError as error:
            raise ArchitectureError(str(error).removeprefix("row 1: ")) from None

    def _trials(self) -> dict[str, FrozenTrial]:
        """Return the first label of every architecture, by text, in the order of writing."""
        from optuna.trial import TrialState

        with readable(self._location):
            trials = self._get_trials((TrialState.COMPLETE,))
        first: dict[str, FrozenTrial] = {}
        for trial in trials:
            if ARCHITECTURE in trial.user_attrs:
                first.setdefault(trial.user_attrs[ARCHITECTURE], trial)
        return first

    def _get_trials(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        return self._retry(lambda: self._study.get_trials(deepcopy=False, states=states))
