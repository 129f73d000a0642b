"""Where the labels of a run are kept: in its directory, or in a storage that others see too."""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.app.json_file import read_note, write_json
from ctnas.errors import LabelError
from ctnas.labels import Ledger
from ctnas.labels.passwords import with_password
from ctnas.labels.storage import database_url, is_url, shown
from ctnas.labels.study import FORMAT, STUDY, find_study

if TYPE_CHECKING:
    from ctnas.labels.retry import Patience
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.spaces import SearchSpace

_OWNER = "ctnas.owner"


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where the labels of a run are kept.

    Attributes:
        location: an SQLite file, or the URL of a database, with its password.
        study: name of the study.
        owner: what the study says to whom it belongs; None for the run directory's own ledger.
    """

    location: str | Path
    study: str = STUDY
    owner: str | None = None

    def __str__(self) -> str:
        return f"study {self.study!r} of {shown(self.location)}"

    def joined_by(self) -> str:
        """Return the command that starts another worker, without a password."""
        storage = ["--storage", shown(self.location)]
        study = [] if self.owner is None else ["--study", self.study]
        return shlex.join(["ctnas-label", *storage, *study])


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


def check_ledger(place: LedgerPlace) -> bool:
    """Return whether the ledger of a run is there, having found that it can be.

    Raises:
        InputFileError: if its database cannot be reached.
        LabelError: if it is of another run, or no ledger.
    """
    found = find_study(place.location, place.study)
    if found is None or FORMAT not in found:
        return False
    if place.owner is not None and found.get(_OWNER) != place.owner:
        raise LabelError(
            f"{place} belongs to another run: choose another --study or --out, or go on with "
            "--resume"
        )
    return True


def open_ledger(
    place: LedgerPlace,
    space: SearchSpace,
    metric: str,
    patience: Patience,
    *,
    minimize: bool = False,
) -> Ledger:
    """Open the ledger of a run; it is made if this is the first time.

    Args:
        place: where it is.
        space: of its architectures.
        metric: of its labels.
        patience: how long reading and writing wait for a server that is gone.
        minimize: whether lower is better.

    Raises:
        LabelError: if it is of another space or metric, or of another run.
        OutputError: if it cannot be made.
    """
    if not check_ledger(place):
        location, notes = place.location, {}
        if isinstance(location, Path) and location.exists():
            location = database_url(location)
        if place.owner is not None:
            notes = {_OWNER: place.owner}
        Ledger.create(location, space, metric, place.study, notes, minimize=minimize).close()
    return Ledger.open(place.location, space, metric, place.study, patience)
