"""Plots of the labels of runs: when they were measured, and how good the best of them was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.report.plots import COLORS, legend_above, svg_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from ctnas.architecture import BoolArray, Float64Array

_LINES = ("solid", "dashed", "dashdot", "dotted")
_HUES = (COLORS["accent"], COLORS["contrast"], COLORS["ink"], COLORS["soft"])
_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def expected_best(labels: Float64Array) -> Float64Array:
    """Return what the best of k labels is on average, for k = 1..N.

    Every set of k of the N labels is as likely as any other: this is random search.

    Args:
        labels: float64 [N].

    Returns:
        float64 [N], ascending; the last is the best label.
    """
    descending = np.sort(labels)[::-1]
    count = len(labels)
    best = np.empty(count)
    for size in range(1, count + 1):
        # P(the i-th best is the best drawn) = C(N - i, k - 1) / C(N, k), from one i to the next.
        left = np.arange(count - size, dtype=np.float64)
        ratios = (count - size - left) / (count - 1 - left)
        chance = size / count * np.concatenate([[1.0], np.cumprod(ratios)])
        best[size - 1] = chance @ descending[: len(chance)]
    return best


def plot_queries(seconds: Float64Array, found: BoolArray, asked: BoolArray) -> str:
    """Plot the number of labels over time.

    Args:
        seconds: float64 [N], when each label was known, counted from the first.
        found: bool [N], which of them are candidates of the search.
        asked: bool [N], which were asked in rounds.

    Returns:
        The plot as SVG.
    """
    unit, unit_name = next(
        ((size, text) for size, text in _UNITS if seconds[-1] >= 2 * size), (1.0, "seconds")
    )

    def draw(axes: Axes) -> None:
        number = np.arange(1, len(seconds) + 1)
        axes.step(seconds / unit, number, where="post", color=COLORS["accent"], label="labels")
        for chosen, color, name in (
            (asked, "ink", "asked in rounds"),
            (found, "contrast", "candidates of the search"),
        ):
            if chosen.any():
                moments = seconds[chosen] / unit
                axes.plot(moments, number[chosen], ".", color=COLORS[color], label=name)
        if (asked | found).any():
            legend_above(axes)
        axes.set_xlabel(f"{unit_name} since the first label")
        axes.set_ylabel("labels")

    return svg_of(draw)


def plot_front(madds: Float64Array, values: Float64Array, name: str) -> str:
    """Plot a Pareto front as steps: the best value that so many multiply-adds buy.

    Args:
        madds: float64 [N], rising.
        values: float64 [N], rising.
        name: what the values are, for the axis.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        axes.step(madds / 1e6, values, where="post", color=COLORS["accent"])
        axes.plot(madds / 1e6, values, ".", color=COLORS["contrast"])
        axes.set_xlabel("million multiply-adds")
        axes.set_ylabel(name)

    return svg_of(draw)


def best_so_far(labels: Float64Array, *, minimize: bool) -> Float64Array:
    """Return the best of the first k labels, for k = 1..N."""
    best: Float64Array = (np.minimum if minimize else np.maximum).accumulate(labels)
    return best


def plot_best(
    labels: Float64Array, random: Float64Array, metric: str, *, minimize: bool = False
) -> str:
    """Plot the best label so far beside what random search would have found by then.

    Args:
        labels: float64 [N], in the order in which they were measured.
        random: float64 [M], those of architectures that were drawn at random.
        metric: name of the labels.
        minimize: whether lower is better.

    Returns:
        The plot as SVG.
    """
    sign = -1.0 if minimize else 1.0

    def draw(axes: Axes) -> None:
        number = np.arange(1, len(labels) + 1)
        best = best_so_far(labels, minimize=minimize)
        axes.step(number, best, where="post", color=COLORS["accent"], label="this run")
        if len(random):
            axes.plot(
                np.arange(1, len(random) + 1),
                sign * expected_best(sign * random),
                color=COLORS["muted"],
                linestyle="dashed",
                label="random search, expected",
            )
        axes.set_xlabel("labels")
        axes.set_ylabel(f"best {metric} so far")
        legend_above(axes)

    return svg_of(draw)


def plot_side_by_side(
    runs: Mapping[str, Float64Array], metric: str, *, minimize: bool = False
) -> str:
    """Plot the best label so far of several runs.

    Args:
        runs: labels of each in the order in which they were measured, by its name.
        metric: name of the labels.
        minimize: whether lower is better.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        for position, (name, labels) in enumerate(runs.items()):
            axes.step(
                np.arange(1, len(labels) + 1),
                best_so_far(labels, minimize=minimize),
                where="post",
                color=_HUES[position % len(_HUES)],
                linestyle=_LINES[position // len(_HUES) % len(_LINES)],
                label=name,
            )
        axes.set_xlabel("labels")
        axes.set_ylabel(f"best {metric} so far")
        legend_above(axes)

    return svg_of(draw)
