"""What makes an Optuna study a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnas.errors import LabelError
from ctnas.labels.storage import close_storage, open_storage, quiet, shown

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.spaces import SearchSpace

FORMAT_VERSION = 1
"""Version of what a ledger stores; newer ones are refused."""

STUDY = "labels"
"""Name of the study, unless said otherwise."""

FORMAT, SPACE, METRIC = "ctnas.format", "ctnas.space", "ctnas.metric"


def create_study(location: str | Path, space: SearchSpace, metric: str, name: str) -> None:
    """Write a study without trials."""
    import optuna

    with open_storage(location) as storage, quiet():
        try:
            study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
        except optuna.exceptions.DuplicatedStudyError:
            raise LabelError(f"{shown(location)} has a study {name!r} already") from None
        study.set_metric_names([metric])
        study.set_user_attr(SPACE, space.name)
        study.set_user_attr(METRIC, metric)
        # Last, because it is what makes the study a ledger.
        study.set_user_attr(FORMAT, FORMAT_VERSION)
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
