"""What makes an Optuna study a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnas.errors import LabelError
from ctnas.labels.storage import (
    check_sqlite,
    close_storage,
    is_url,
    open_storage,
    quiet,
    readable,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.spaces import SearchSpace

FORMAT_VERSION = 1
"""Version of what a ledger stores; newer ones are refused."""

STUDY = "labels"
"""Name of the study, unless said otherwise."""

FORMAT, SPACE, METRIC = "ctnas.format", "ctnas.space", "ctnas.metric"


def create_study(
    location: str | Path,
    space: SearchSpace,
    metric: str,
    name: str,
    notes: Mapping[str, str] | None = None,
    *,
    minimize: bool = False,
) -> None:
    """Write a study without trials; one that a killed process left half written is completed.

    Args:
        location: the file, or the URL of a database.
        space: the space of the architectures.
        metric: what the labels measure.
        name: of the study.
        notes: further attributes of the study.
        minimize: whether lower is better.

    Raises:
        LabelError: if there is such a study already.
    """
    import optuna

    attributes = {SPACE: space.name, METRIC: metric, **(notes or {})}
    with open_storage(location) as storage, quiet():
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction="minimize" if minimize else "maximize",
            load_if_exists=True,
        )
        is_ours = study.user_attrs.keys() <= attributes.keys()
        if not is_ours or len(study.directions) != 1 or study.get_trials(deepcopy=False):
            raise LabelError(f"{shown(location)} has a study {name!r} already")
        study.set_metric_names([metric])
        for key, value in attributes.items():
            study.set_user_attr(key, value)
        # Last, because it is what makes the study a ledger.
        study.set_user_attr(FORMAT, FORMAT_VERSION)
        close_storage(storage)


def find_study(location: str | Path, name: str) -> dict[str, Any] | None:
    """Return the attributes of a study; None if it, or its file, is not there.

    Args:
        location: the file, or the URL of a database.
        name: of the study.

    Raises:
        InputFileError: if the database cannot be read.
        LabelError: if it is no Optuna storage.
    """
    if not is_url(location):
        if not Path(location).exists():
            return None
        check_sqlite(Path(location))
    with readable(location), open_storage(location) as storage:
        try:
            study_id = storage.get_study_id_from_name(name)
        except KeyError:
            return None
        else:
            return storage.get_study_user_attrs(study_id)
        finally:
            close_storage(storage)


def check_format(name: str, attributes: dict[str, Any]) -> None:
    """Raise LabelError unless a study is a ledger that this version can read."""
    if FORMAT not in attributes:
        raise LabelError(f"{name} is not a ledger: its study was not made by ctnas")
    if attributes[FORMAT] > FORMAT_VERSION:
        raise LabelError(
            f"{name} has ledger format {attributes[FORMAT]}, which a newer ctnas wrote; "
            f"this one reads up to {FORMAT_VERSION}"
        )


def check_same(name: str, what: str, found: str, expected: str) -> None:
    """Raise LabelError unless a ledger is of the expected space or metric."""
    if found != expected:
        raise LabelError(f"{name} holds labels of {what} {found!r}, not of {expected!r}")
