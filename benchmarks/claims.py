"""Sentences that follow from measured tables: is what the paper claims seen here?"""

from __future__ import annotations

import csv
from math import hypot, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Mean(NamedTuple):
    """Mean over runs and its standard error."""

    value: float
    error: float


def means(path: Path, figure: str) -> dict[str, Mean]:
    """Return the means of a figure by line, of what `ctnas-reproduce` has written."""
    found = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["figure"] == figure:
                spread = float(row["deviation"]) if row["deviation"] not in ("", "nan") else 0.0
                found[row["line"]] = Mean(float(row["mean"]), spread / sqrt(int(row["runs"])))
    return found


def best_is(path: Path, word: str, claim: str) -> str:
    """Say whether the line with a word has the best accuracy, by more than two standard errors."""
    accuracy = means(path, "accuracy")
    (ours,) = (line for line in accuracy if word in line)
    others = {line: mean for line, mean in accuracy.items() if line != ours}
    if not others:
        return ""
    rival = max(others, key=lambda line: others[line].value)
    gap = accuracy[ours].value - others[rival].value
    error = hypot(accuracy[ours].error, others[rival].error)
    seen = "is seen" if gap > 2 * error > 0 else "is not seen"
    return f"That {claim} {seen} here: {gap:+.2f} ± {error:.2f} points beside {rival}."


def rises(path: Path, word: str) -> str:
    """Say whether accuracy rises from the fewest to the most labels, in lines with a word."""
    accuracy = [mean for line, mean in means(path, "accuracy").items() if line.startswith(word)]
    if len(accuracy) < 2:
        return ""
    first, last = accuracy[0], accuracy[-1]
    gap, error = last.value - first.value, hypot(first.error, last.error)
    seen = "is seen" if gap > 2 * error > 0 else "is not seen"
    return f"That more labels help {seen} here: {gap:+.2f} ± {error:.2f} points, fewest to most."


def beside_paper(path: Path, line: str, figure: str) -> str:
    """Say how a line's figure differs from the paper's."""
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["line"].startswith(line)]
    for row in rows:
        if row["figure"] == figure and row["paper_mean"] not in ("", "nan"):
            gap = float(row["mean"]) - float(row["paper_mean"])
            return f"{row['line']} differs from the paper's {figure} by {gap:+.3f}."
    return ""
