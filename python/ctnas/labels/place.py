"""Where labels are kept: in a file of one run, or in a storage that others see too."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.errors import LabelError
from ctnas.labels.ledger import Ledger
from ctnas.labels.storage import database_url, shown
from ctnas.labels.study import FORMAT, STUDY, find_study

if TYPE_CHECKING:
    from ctnas.labels.retry import Retry
    from ctnas.spaces import SearchSpace

_OWNER = "ctnas.owner"


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where labels are kept.

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
        study = ["--study", self.study] if self.owner or self.study != STUDY else []
        return shlex.join(["ctnas-label", *storage, *study])


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
    retry: Retry,
    *,
    minimize: bool = False,
) -> Ledger:
    """Open the ledger of a run; it is made if this is the first time.

    Args:
        place: where it is.
        space: of its architectures.
        metric: of its labels.
        retry: how long reading and writing wait for a server that is gone.
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
    return Ledger.open(place.location, space, metric, place.study, retry)
