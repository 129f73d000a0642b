"""Means over runs beside the paper's figures: for the terminal and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.benchmarks.paper.paper import Published
from ctnas.labels.tables import write_table

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.benchmarks.paper.experiment import Experiment, Figure, Line
    from ctnas.benchmarks.paper.runs import RunLog


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of one line.

    Attributes:
        line: of the table.
        figure: what was measured.
        values: of the runs, in the order of seeds.
        published: the paper's.
    """

    line: Line
    figure: Figure
    values: tuple[float, ...]
    published: Published

    @property
    def mean(self) -> float:
        """Mean over the runs."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        """Standard deviation over the runs; NaN of one run."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else float("nan")

    @property
    def best(self) -> float:
        """The best run."""
        return max(self.values) if self.figure.higher_is_better else min(self.values)


def summarize(experiment: Experiment, log: RunLog) -> list[Summary]:
    """Return all figures of all lines that have a finished run."""
    summaries = []
    for line in experiment.lines:
        results = [log.result(job) for job in experiment.jobs if job.line.name == line.name]
        for figure in experiment.figures:
            values = tuple(
                float(result[figure.key])
                for result in results
                if result is not None and figure.key in result
            )
            if values:
                published = line.published.get(figure.key, Published())
                summaries.append(Summary(line, figure, values, published))
    return summaries


HEADINGS = ("", "paper", "best", "ours", "best", "runs")


def table_rows(summaries: list[Summary]) -> list[tuple[str, ...]]:
    """Return the cells below `HEADINGS`: a row with a line's name, then one for each figure."""
    rows: list[tuple[str, ...]] = []
    shown = ""
    for summary in summaries:
        if summary.line.name != shown:
            shown = summary.line.name
            rows.append((shown, *[""] * (len(HEADINGS) - 1)))
        digits, paper = summary.figure.digits, summary.published
        rows.append(
            (
                f"  {summary.figure.title}",
                _spread(paper.mean, paper.deviation, digits),
                _number(paper.best, digits),
                _spread(summary.mean, summary.deviation, digits),
                _number(summary.best, digits),
                str(len(summary.values)),
            )
        )
    return rows


def write_csv(path: Path, summaries: list[Summary]) -> None:
    """Write one row for each figure of each line; atomic.

    Raises:
        OutputError: if it cannot be written.
    """

    def column(values: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([np.nan if value is None else value for value in values])

    write_table(
        path,
        {
            "line": [summary.line.name for summary in summaries],
            "figure": [summary.figure.key for summary in summaries],
            "runs": np.array([len(summary.values) for summary in summaries]),
            "mean": column([summary.mean for summary in summaries]),
            "deviation": column([summary.deviation for summary in summaries]),
            "best": column([summary.best for summary in summaries]),
            "paper_mean": column([summary.published.mean for summary in summaries]),
            "paper_deviation": column([summary.published.deviation for summary in summaries]),
            "paper_best": column([summary.published.best for summary in summaries]),
        },
    )


def _spread(mean: float | None, deviation: float | None, digits: int) -> str:
    if mean is None:
        return "-"
    spread = deviation is not None and np.isfinite(deviation)
    return f"{mean:.{digits}f}" + (f" ± {deviation:.{digits}f}" if spread else "")


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
