"""Plots of a run as SVG: one look, text that stays text, and the same bytes for the same data."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ctnas.architecture import BoolArray, Float64Array, Int64Array

COLORS = {
    "ink": "#1c2430",
    "muted": "#69727f",
    "rule": "#dde1e7",
    "accent": "#2f62d0",
    "contrast": "#c2571a",
    "soft": "#9db4e3",
}
"""The colors by what they are for. In a page the CSS variable of that name has precedence."""

_SIZE = (5.2, 3.0)
_POINTS = 600
"""So many points a curve has at most; more are averaged in groups."""
_DOTS = 2000
"""So many dots a scatter plot has at most."""
_UPDATES = 40
"""So many baseline updates are marked by a line; where there are more, only by ticks."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ctnas",
    "text.parse_math": False,
    "font.size": 9,
    "text.color": COLORS["ink"],
    "axes.edgecolor": COLORS["muted"],
    "axes.labelcolor": COLORS["ink"],
    "axes.titlecolor": COLORS["ink"],
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLORS["rule"],
    "grid.linewidth": 0.7,
    "xtick.color": COLORS["muted"],
    "ytick.color": COLORS["muted"],
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.3,
}


def plot_curve(
    iteration: Int64Array,
    values: Float64Array,
    name: str,
    baseline: Sequence[str] | None = None,
) -> str:
    """Plot one quantity of the search against the iteration.

    Args:
        iteration: int64 [N], ascending.
        values: float64 [N]; NaN where it was not computed.
        name: what it is, for the axis.
        baseline: the baseline architecture of each iteration; where it changes, a line is drawn.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        known = np.isfinite(values)
        where, mean, low, high = _thinned(iteration[known], values[known])
        if len(where) < np.count_nonzero(known):
            axes.fill_between(where, low, high, color=COLORS["soft"], alpha=0.45, linewidth=0)
        marker = "o" if len(where) <= 30 else None
        axes.plot(where, mean, color=COLORS["accent"], marker=marker, markersize=3.5)
        if baseline is not None:
            _mark_updates(axes, iteration, baseline)
        axes.set_xlabel("iteration")
        axes.set_ylabel(name)

    return svg_of(draw)


def plot_agreement(
    label: Float64Array,
    win_probability: Float64Array,
    held_out: BoolArray,
    metric: str,
) -> str:
    """Plot what the comparator says against what was measured.

    Args:
        label: float64 [N], measured.
        win_probability: float64 [N], Eq. 5.
        held_out: bool [N], whether the comparator has not seen the label.
        metric: name of the labels.

    Returns:
        The plot as SVG; its title has Kendall's tau (tau-b) of the held-out labels.
    """
    tau = held_out_tau(label, win_probability, held_out)
    count = np.count_nonzero(held_out)

    def draw(axes: Axes) -> None:
        parts = (
            (~held_out, "labels it learned from", COLORS["soft"], 9),
            (held_out, "held-out labels", COLORS["contrast"], 13),
        )
        for chosen, name, color, size in parts:
            rows = _spread(np.flatnonzero(chosen), _DOTS // 2)
            axes.scatter(
                label[rows], win_probability[rows], s=size, color=color, linewidth=0, label=name
            )
        axes.set_title(
            f"Kendall's tau {tau:.3f} on {count:,} held-out labels",
            pad=22,  # leaves room for the legend
        )
        axes.set_xlabel(f"measured {metric}")
        axes.set_ylabel("win probability")
        legend_above(axes)

    return svg_of(draw)


def plot_distribution(labels: Float64Array, found: Float64Array, metric: str) -> str:
    """Plot how the labels are distributed, and where the found architectures lie.

    Args:
        labels: float64 [N], all labels.
        found: float64 [M], labels of the architectures that the search found.
        metric: name of the labels.

    Returns:
        The plot as SVG.
    """

    def draw(axes: Axes) -> None:
        axes.hist(labels, bins=_bins(labels, found), color=COLORS["soft"], label="measured")
        for position, value in enumerate(np.sort(found)):
            name = "found by the search" if position == 0 else None
            axes.axvline(value, color=COLORS["contrast"], linewidth=1.4, label=name)
        axes.set_xlabel(metric)
        axes.set_ylabel("architectures")
        axes.grid(visible=False, axis="x")
        legend_above(axes)

    return svg_of(draw)


def held_out_tau(label: Float64Array, win_probability: Float64Array, held_out: BoolArray) -> float:
    """Return Kendall's tau-b between held-out labels and win probabilities; NaN if undefined."""
    from scipy.stats import kendalltau

    if np.count_nonzero(held_out) < 2:
        return float("nan")
    return float(kendalltau(label[held_out], win_probability[held_out]).statistic)


def legend_above(axes: Axes) -> None:
    """Put the legend above the axes, where it hides nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2,
        borderaxespad=0.0,
        borderpad=0.3,
        handletextpad=0.5,
    )


def _bins(labels: Float64Array, found: Float64Array) -> list[float]:
    """Return the borders of equal bins that hold labels and found ones."""
    both = np.concatenate([labels, found])
    count = int(np.clip(np.sqrt(len(labels)) * 1.5, 8, 60))
    return [float(edge) for edge in np.histogram_bin_edges(both, bins=count)]


def _mark_updates(axes: Axes, iteration: Int64Array, baseline: Sequence[str]) -> None:
    changed = [row for row in range(1, len(baseline)) if baseline[row] != baseline[row - 1]]
    if not changed:
        return
    name = f"baseline updates ({len(changed)})"
    if len(changed) <= _UPDATES:
        for position, row in enumerate(changed):
            axes.axvline(
                iteration[row],
                color=COLORS["contrast"],
                linewidth=0.8,
                linestyle=(0, (4, 3)),
                label=name if position == 0 else None,
            )
    else:
        rows = _spread(np.array(changed), _POINTS)
        foot = axes.get_xaxis_transform()
        axes.plot(
            iteration[rows],
            np.zeros(len(rows)),
            "|",
            color=COLORS["contrast"],
            transform=foot,
            label=name,
        )
    legend_above(axes)


def _thinned(
    where: Int64Array, values: Float64Array
) -> tuple[Float64Array, Float64Array, Float64Array, Float64Array]:
    """Return place, mean, lowest and highest of groups of neighbors, at most `_POINTS` groups."""
    groups = np.array_split(np.arange(len(values)), min(len(values), _POINTS) or 1)
    pieces = [values[group] for group in groups if len(group)]
    places = [where[group].mean() for group in groups if len(group)]
    return (
        np.array(places, dtype=np.float64),
        np.array([piece.mean() for piece in pieces], dtype=np.float64),
        np.array([piece.min() for piece in pieces], dtype=np.float64),
        np.array([piece.max() for piece in pieces], dtype=np.float64),
    )


def _spread(rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return at most `count` of the rows, evenly spread."""
    if len(rows) <= count:
        return rows
    return rows[np.linspace(0, len(rows) - 1, count).astype(np.intp)]


def svg_of(draw: Callable[[Axes], None]) -> str:
    """Return what `draw` puts on a pair of axes, as SVG for a page."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        stream = StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    return _for_page(stream.getvalue())


def _for_page(svg: str) -> str:
    """Make the SVG of Matplotlib fit for a page that has other plots, and a dark side."""
    svg = svg[svg.index("<svg") :]
    # Names of groups repeat from plot to plot; nothing refers to them.
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r"<[^>]*>", lambda tag: _rounded(tag[0]), svg)
    svg = svg.replace("*{stroke-linejoin", ".plot *{stroke-linejoin")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", svg)
    for name, color in COLORS.items():
        svg = svg.replace(color, f"var(--{name}, {color})")
    return svg.replace("<svg ", '<svg class="plot" role="img" ', 1)


def _rounded(tag: str) -> str:
    """Round the coordinates in a tag to a hundredth of a point."""
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", tag)
