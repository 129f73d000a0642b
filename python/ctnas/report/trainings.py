"""What a report says of full trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnas.report import wording

if TYPE_CHECKING:
    from ctnas.report.record import RunRecord

_TOP = 20
"""So many rows are shown."""


def training_note(run: RunRecord) -> str:
    """Say how many trainings there were, and how far they can be trusted."""
    full = _full(run)
    return (
        f"{wording.count(full.get('trainings'))} trainings from scratch of "
        f"{wording.count(full.get('architectures'))} architectures, judged by validation images. "
        f"The noise of one is {_points(full.get('noise'))}; labels and full trainings correlate "
        f"by {_decimal(full.get('correlation'))}. The best are those of which most is expected by "
        "accuracy, repetitions, noise and labels together."
    )


def training_rows(run: RunRecord) -> list[dict[str, str]]:
    """Return the best of what was fully trained, in words."""
    return [
        {
            "architecture": str(each.get("architecture", "")),
            "trainings": wording.count(each.get("trainings")),
            "accuracy": wording.share(each.get("accuracy"), 2)
            + wording.deviation(each.get("spread")),
            "expected": wording.share(each.get("expected"), 2),
        }
        for each in (_full(run).get("trained") or [])[:_TOP]
    ]


def _full(run: RunRecord) -> dict[str, Any]:
    full = run.summary.get("full_trainings")
    return full if isinstance(full, dict) else {}


def _points(value: object) -> str:
    known = wording.number(value)
    return wording.NOTHING if known is None else f"{100 * known:.2f} points"


def _decimal(value: object) -> str:
    known = wording.number(value)
    return wording.NOTHING if known is None else f"{known:.2f}"
