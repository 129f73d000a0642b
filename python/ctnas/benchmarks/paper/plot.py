"""The main figures of an experiment as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.app.atomic import replacing
from ctnas.report.plots import COLORS

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from ctnas.benchmarks.paper.experiment import Experiment, Figure
    from ctnas.benchmarks.paper.summary import Summary

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ctnas",
    "text.parse_math": False,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLORS["rule"],
    "legend.frameon": False,
}
_PLOTS = 2
_WIDTH, _LEAST_HEIGHT, _LINE_HEIGHT = 5.5, 2.6, 0.3


def write_plot(path: Path, experiment: Experiment, summaries: list[Summary]) -> None:
    """Plot the first figures that were measured, side by side; atomic.

    Curves where the lines have positions; otherwise the runs as dots, their mean as a bar and the
    paper's mean as a diamond.

    Raises:
        OutputError: if it cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    measured = {summary.figure.key for summary in summaries}
    figures = [figure for figure in experiment.figures if figure.key in measured][:_PLOTS]
    if not figures:
        return
    height = max(_LEAST_HEIGHT, 1.0 + _LINE_HEIGHT * len(experiment.lines))
    with rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH * len(figures), height), layout="constrained")
        FigureCanvasSVG(canvas)
        for axes, figure in zip(
            canvas.subplots(1, len(figures), squeeze=False)[0], figures, strict=True
        ):
            _draw(axes, experiment, figure, [s for s in summaries if s.figure.key == figure.key])
        canvas.suptitle(experiment.title)
        with replacing(path) as temporary:
            canvas.savefig(temporary, format="svg", metadata={"Date": None})


def _draw(axes: Axes, experiment: Experiment, figure: Figure, summaries: list[Summary]) -> None:
    if experiment.axis and all(summary.line.position is not None for summary in summaries):
        _draw_curves(axes, experiment.axis, summaries)
        axes.set_ylabel(figure.title)
    else:
        _draw_dots(axes, summaries)
        axes.set_xlabel(figure.title)


def _draw_curves(axes: Axes, axis: str, summaries: list[Summary]) -> None:
    for series in dict.fromkeys(summary.line.series for summary in summaries):
        points = [summary for summary in summaries if summary.line.series == series]
        where = np.array([point.line.position for point in points], dtype=np.float64)
        spread = np.nan_to_num([point.deviation for point in points])
        axes.errorbar(
            where, [point.mean for point in points], spread, marker="o", capsize=3, label=series
        )
    published = [summary for summary in summaries if summary.published.mean is not None]
    if published:
        axes.plot(
            [float(summary.line.position or 0) for summary in published],
            [float(summary.published.mean or 0) for summary in published],
            "D",
            color=COLORS["contrast"],
            label="published",
        )
    places = sorted({float(summary.line.position or 0) for summary in summaries})
    axes.set_xscale("log")
    axes.set_xticks(places, [f"{place:,.0f}" for place in places], rotation=45)
    axes.minorticks_off()
    axes.set_xlabel(axis)
    axes.legend()


def _draw_dots(axes: Axes, summaries: list[Summary]) -> None:
    for row, summary in enumerate(summaries):
        axes.plot(summary.values, [row] * len(summary.values), "o", color=COLORS["soft"], ms=4)
        axes.plot(summary.mean, row, "|", color=COLORS["accent"], ms=14, mew=2)
        if summary.published.mean is not None:
            axes.plot(summary.published.mean, row, "D", color=COLORS["contrast"], ms=5)
    axes.set_yticks(range(len(summaries)), [summary.line.name for summary in summaries])
    axes.invert_yaxis()
    axes.set_title("dots: runs, bar: mean, diamond: published", fontsize=8, loc="left")
