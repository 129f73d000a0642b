"""The figures of a report, each with its heading and a caption that says how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.report import wording
from ctnas.report.label_plots import plot_best, plot_front, plot_queries
from ctnas.report.plots import plot_agreement, plot_curve, plot_distribution

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array
    from ctnas.report.record import RunRecord


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot with its heading and a caption that says how to read it."""

    title: str
    caption: str
    svg: str


def search_figures(run: RunRecord) -> list[Figure]:
    """Return what the search did; nothing if there was none."""
    history = run.history
    if history is None or not len(history.iteration):
        return []
    figures = [
        Figure(
            "Reward",
            "Probability of beating the baseline. It falls back when a better baseline is taken: "
            "the samples must beat ever better architectures.",
            plot_curve(history.iteration, history.reward, "reward", history.baseline),
        ),
        Figure(
            "Entropy of the policy",
            "How undecided the controller is. Where it comes to rest, the search has converged.",
            plot_curve(history.iteration, history.entropy, "entropy"),
        ),
    ]
    if np.isfinite(history.kendall_tau).any():
        figures.append(
            Figure(
                "Kendall's tau",
                "Rank correlation of comparator and held-out labels while it goes on learning.",
                plot_curve(history.iteration, history.kendall_tau, "Kendall's tau"),
            )
        )
    if np.isfinite(history.loss).any():
        figures.append(
            Figure(
                "Loss of the comparator",
                "Binary cross-entropy over pairs.",
                plot_curve(history.iteration, history.loss, "loss"),
            )
        )
    return figures


def label_figures(run: RunRecord, labels: Float64Array) -> list[Figure]:
    """Return what the labels and the comparator's opinion of them are.

    Args:
        run: the run.
        labels: float64 [N], all labels.
    """
    figures = []
    metric = wording.metric_name(run.metric)
    predictions = run.predictions
    if predictions is not None and len(predictions.label):
        figures.append(
            Figure(
                "Predicted against measured",
                "Every dot is a measured architecture. Only the held-out ones count: the "
                "comparator has not learned from them.",
                plot_agreement(
                    predictions.label,
                    predictions.win_probability,
                    predictions.held_out,
                    metric,
                ),
            )
        )
    if len(labels):
        figures += _progress_figures(run, metric)
        found = _found_labels(run)
        caption = "All measured architectures."
        if len(found):
            caption = "All measured architectures, and where those lie that the search found."
        figures.append(
            Figure("Distribution of labels", caption, plot_distribution(labels, found, metric))
        )
    return figures


def pareto_figures(run: RunRecord) -> list[Figure]:
    """Return accuracy against multiply-adds, as measured and as expected; nothing without it."""
    measured = _points(run, "label", "on_measured_front")
    predicted = _points(run, "win_probability", "on_predicted_front")
    metric = wording.metric_name(run.metric)
    figures = []
    if len(measured):
        figures.append(
            Figure(
                "Measured front",
                "Of all measured architectures, those that no cheaper one matches.",
                plot_front(measured[:, 0], measured[:, 1], metric),
            )
        )
    if len(predicted):
        figures.append(
            Figure(
                "Expected front",
                "What the comparator expects of the best architecture at any cost.",
                plot_front(predicted[:, 0], predicted[:, 1], "win probability"),
            )
        )
    return figures


def _points(run: RunRecord, value: str, front: str) -> Float64Array:
    """Return multiply-adds and a value of the rows of a front, [N, 2]."""
    points = [
        (wording.number(row.get("madds")), wording.number(row.get(value)))
        for row in run.pareto
        if (row.get(front) or "").lower() == "true"
    ]
    known = [(madds, y) for madds, y in points if madds is not None and y is not None]
    return np.array(known, dtype=np.float64).reshape(len(known), 2)


def _progress_figures(run: RunRecord, metric: str) -> list[Figure]:
    """Return what was measured when, and how good the best of it was."""
    if run.labels is None:
        return []
    found, asked = run.labels.found, run.labels.asked
    caption = (
        "The best label against the number of labels. Random search draws the sample in any order; "
    )
    if asked.any():
        caption += "the labels after the sample were asked in rounds, where most was expected; "
    return [
        Figure(
            "Best so far",
            caption + "the last labels are candidates of the search.",
            plot_best(
                run.labels.values,
                run.labels.values[~found & ~asked],
                metric,
                minimize=run.labels.minimize,
            ),
        ),
        Figure(
            "Queries over time",
            "Flat where nothing was measured: training, interruptions, the search itself.",
            plot_queries(run.labels.seconds, found, asked),
        ),
    ]


def _found_labels(run: RunRecord) -> Float64Array:
    """Return the labels of the finalists that the search found, as far as they were measured."""
    finalists = run.summary.get("finalists") or []
    values = [
        wording.number(finalist.get("label"))
        for finalist in finalists
        if str(finalist.get("name", "")).startswith("found")
    ]
    return np.array([value for value in values if value is not None], dtype=np.float64)
