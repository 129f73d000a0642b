"""Numbers and findings of a run in words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTHING = "\N{EN DASH}"
"""Stands where a value is not known."""

_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def number(value: object) -> float | None:
    """Return a value as a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        converted = float(value)
    except ValueError:
        return None
    return converted if isfinite(converted) else None


def count(value: object) -> str:
    """Return a count with a thousands separator: `1,234`."""
    known = number(value)
    return NOTHING if known is None else f"{known:,.0f}"


def size(value: object) -> str:
    """Return multiply-adds or parameters with three digits and a unit: `1.23 M`."""
    known = number(value)
    if known is None:
        return NOTHING
    for scale, unit in _SCALES:
        if abs(known) >= 0.9995 * scale:
            return f"{known / scale:#.3g}".removesuffix(".") + f" {unit}"
    return f"{known:.3g}"


def share(value: object, digits: int = 1) -> str:
    """Return a fraction in percent: `97.3%`."""
    known = number(value)
    return NOTHING if known is None else f"{100 * known:.{digits}f}%"


def measured(value: object, metric: str) -> str:
    """Return a label: a fraction of correct answers in percent, anything else in four digits."""
    known = number(value)
    if known is None:
        return NOTHING
    return share(known, 2) if is_fraction(known, metric) else f"{known:.4g}"


def is_fraction(value: float, metric: str) -> bool:
    """Return whether a label is an accuracy that is written as a fraction of 1."""
    return "accuracy" in metric.lower() and 0 <= value <= 1


def duration(value: object) -> str:
    """Return seconds as people say them: `48 s`, `2 min 31 s`, `1 h 04 min`."""
    seconds = number(value)
    if seconds is None:
        return NOTHING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def metric_name(metric: str) -> str:
    """Return the name of a metric as words."""
    return metric.replace("_", " ")


def headline(summary: Mapping[str, Any], labels: int, best_label: str) -> str:
    """Say in one sentence what the run found.

    Args:
        summary: contents of `summary.json`; empty if the run is not finished.
        labels: how many architectures were measured.
        best_label: the best label so far, in words.
    """
    if not summary:
        if not labels:
            return "This run is not finished; nothing has been measured yet."
        return (
            f"This run is not finished: {labels:,} architectures are measured, "
            f"the best label so far is {best_label}."
        )
    finalists = summary.get("finalists") or []
    queries = count(summary.get("queries"))
    trainings = count((summary.get("full_trainings") or {}).get("trainings"))
    trained = _test_accuracy(finalists, "found", "trained_test")
    if trained is not None:
        return (
            f"Found with {queries} labels and {trainings} full trainings: trained from scratch, "
            f"test accuracy {share(trained, 2)}"
            f"{deviation(finalists[0].get('trained_test_error'))}"
            + _beside(finalists, "trained_test")
        )
    found = _test_accuracy(finalists, "found")
    sampled = _test_accuracy(finalists, "best sampled")
    if found is None or sampled is None:
        best = summary.get("best") or {}
        return (
            f"Having learned from {queries} labels, the comparator expects the best architecture "
            f"found to win {share(best.get('win_probability'))} of its comparisons."
        )
    error = finalists[0].get("test_error")
    sentence = f"Found with {queries} labels: test accuracy {share(found, 2)}{deviation(error)}"
    return sentence + _beside(finalists, "test_accuracy")


def _beside(finalists: Sequence[Mapping[str, Any]], measure: str) -> str:
    """Say what the best and the median of the random sample have, as far as it is known."""
    sampled = _test_accuracy(finalists, "best sampled", measure)
    median = _test_accuracy(finalists, "median sampled", measure)
    best = "" if sampled is None else f", best of the random sample {share(sampled, 2)}"
    return best + ("." if median is None else f", its median {share(median, 2)}.")


def _test_accuracy(
    finalists: Sequence[Mapping[str, Any]], name: str, measure: str = "test_accuracy"
) -> float | None:
    """Return an accuracy on test images of the first finalist whose name begins so."""
    for finalist in finalists:
        if str(finalist.get("name", "")).startswith(name):
            return number(finalist.get(measure))
    return None


def deviation(error: object) -> str:
    """Return a standard error in percentage points, ` ± 0.54`, or nothing where it is unknown."""
    known = number(error)
    return "" if known is None else f" ± {100 * known:.2f}"
