"""Several objectives in a report: the measured front, and how it grew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.report import wording
from ctnas.report.figures import Figure
from ctnas.report.plots import COLORS, legend_above, svg_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from ctnas.architecture import BoolArray, Float64Array
    from ctnas.report.record import RunRecord


def objective_figures(run: RunRecord) -> list[Figure]:
    """Return the front of every further objective against the first, and the hypervolume."""
    rows, objectives = run.objectives, _named(run)
    if not rows or not objectives:
        return []
    columns = {name: _numbers(rows, name) for name, _ in objectives}
    on_front = np.array([(row.get("on_front") or "").lower() == "true" for row in rows])
    first, *others = objectives
    figures = [
        Figure(
            f"{_axis(*first)} and {_axis(*other)}",
            "Every dot is a measured architecture; those of the front are beaten by no other in "
            "all objectives that are within the limits.",
            plot_measured(
                columns[other[0]], columns[first[0]], on_front, _axis(*other), _axis(*first)
            ),
        )
        for other in others
    ]
    volume = _numbers(rows, "hypervolume")
    if np.isfinite(volume).any():
        random = int(run.summary.get("random_labels") or 0)
        figures.append(
            Figure(
                "Hypervolume",
                "How much the measured front dominates, in units of the random labels' range, "
                "above the worst of them. Labels after the line were chosen to make it grow; the "
                "gray curve is the mean of random labels alone, as far as there are any.",
                plot_volume(volume, _numbers(rows, "random_hypervolume"), random),
            )
        )
    return figures


def front_table(run: RunRecord) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the measured front; empty where there is none."""
    objectives = _named(run)
    if not objectives or not run.objectives:
        return [], []
    headings = [_axis(*objective) for objective in objectives]
    rows = [
        [row.get("architecture") or "", *(_shown(row.get(name)) for name, _ in objectives)]
        for row in run.pareto
    ]
    return headings, rows


def plot_measured(
    across: Float64Array, up: Float64Array, on_front: BoolArray, across_name: str, up_name: str
) -> str:
    """Plot two objectives of everything that was measured, and the front among it.

    Args:
        across: float64 [N].
        up: float64 [N].
        on_front: which of them are on the front, [N].
        across_name: of the first, for the axis.
        up_name: of the second.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        axes.plot(across[~on_front], up[~on_front], ".", color=COLORS["muted"], label="measured")
        order = np.argsort(across[on_front], kind="stable")
        axes.plot(
            across[on_front][order],
            up[on_front][order],
            "o-",
            color=COLORS["accent"],
            markersize=4.5,
            linewidth=1.0,
            label="front",
        )
        axes.set_xlabel(across_name)
        axes.set_ylabel(up_name)
        legend_above(axes)

    return svg_of(draw)


def plot_volume(volume: Float64Array, expected: Float64Array, random: int) -> str:
    """Plot the hypervolume after each label.

    Args:
        volume: float64 [N].
        expected: float64 [N], of random labels alone; NaN where that is not known.
        random: number of labels that were drawn at random, before all others.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        number = np.arange(1, len(volume) + 1)
        if np.isfinite(expected).any():
            axes.plot(number, expected, color=COLORS["muted"], label="random alone")
        axes.step(number, volume, where="post", color=COLORS["accent"], label="this run")
        legend_above(axes)
        if 0 < random < len(volume):
            axes.axvline(random, color=COLORS["muted"], linestyle="dashed", linewidth=1.0)
        axes.set_xlabel("labels")
        axes.set_ylabel("hypervolume")

    return svg_of(draw)


def _named(run: RunRecord) -> list[tuple[str, bool]]:
    """Return name of each objective, and whether it is minimized."""
    named = run.summary.get("objectives") or []
    return [(str(name).removeprefix("-"), str(name).startswith("-")) for name in named]


def _axis(name: str, minimized: bool) -> str:
    return f"{wording.metric_name(name)} ({'lower' if minimized else 'higher'} is better)"


def _numbers(rows: Sequence[Mapping[str, str | None]], name: str) -> Float64Array:
    found = [wording.number(row.get(name)) for row in rows]
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def _shown(cell: str | None) -> str:
    value = wording.number(cell)
    return wording.NOTHING if value is None else f"{value:.5g}"
