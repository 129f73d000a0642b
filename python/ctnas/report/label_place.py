"""Where the labels of a run on disk are, and whether they may be read from there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnas.errors import InputFileError
from ctnas.labels.passwords import STORAGE_VARIABLE, without_password
from ctnas.labels.storage import is_url
from ctnas.labels.study import STUDY

if TYPE_CHECKING:
    from collections.abc import Mapping


def label_place(
    directory: Path, settings: Mapping[str, Any], storage: str | None
) -> tuple[str | Path, str]:
    """Return the location of a run's labels and the name of their study.

    A database is connected to only where it was asked for: a run directory from elsewhere must not
    decide about that.

    Args:
        directory: the run directory.
        settings: of the run.
        storage: what was asked for; the environment variable CTNAS_STORAGE if None.

    Raises:
        InputFileError: if they are in a database that was not asked for.
    """
    kept = settings.get("storage")
    if kept is None:
        return directory / "labels.db", STUDY
    study = json.loads((directory / "checkpoint" / "ledger.json").read_text())["study"]
    if not is_url(kept):
        return Path(kept), study
    asked = storage or os.environ.get(STORAGE_VARIABLE, "")
    if not asked or without_password(asked) != without_password(kept):
        raise InputFileError(f"study {study!r} is in {kept}: give --storage to read it")
    return asked, study
