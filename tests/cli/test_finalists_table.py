"""The table that a search ends with fits the terminal."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from ctnas.cli.search import finalists_table
from ctnas.run.results import Finalist, Outcome

NAMES = ("found 1", "found 2", "found 10", "best sampled", "median sampled")


def outcome(metric: str, *, minimize: bool = False) -> Outcome:
    finalists = [
        Finalist(name, "a" * 90, 0.998, -1.2345, 0.7654, 0.999, 0.0123, 6e8, 5e6) for name in NAMES
    ]
    labels = SimpleNamespace(metric=metric, minimize=minimize)
    return Outcome(Path("run"), finalists, 0.7, labels, {})  # type: ignore[arg-type]


def rendered(found: Outcome, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width).print(finalists_table(found, width))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    ("metric", "minimize"),
    [
        ("log_likelihood", False),
        ("cifar10_valid_accuracy", False),
        ("latency", True),
        ("cifar100_validation_loglikelihood", True),
    ],
)
def test_no_heading_or_cell_is_cut(metric: str, minimize: bool, width: int) -> None:
    text = rendered(outcome(metric, minimize=minimize), width)
    assert "\u2026" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    words = {word for line in text.splitlines() for word in line.replace("\u2503", " ").split()}
    headings = "win probability test accuracy top-5 MAdds parameters"
    assert set(headings.split()) <= words
    assert metric.startswith("cifar100") or set(metric.split("_")) <= words
    for cells in ("0.998", "-1.2345", "76.5±1.2%", "600.00 M", "5,000.0 k", *NAMES):
        assert cells in text


def test_headings_stand_in_one_line_where_there_is_room() -> None:
    assert "win probability" in rendered(outcome("accuracy"), 120)
    assert "test accuracy" in rendered(outcome("accuracy"), 120)
