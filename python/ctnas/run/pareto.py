"""The Pareto front of a run: predicted by the comparator, and measured on a few of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.labels.tables import write_table
from ctnas.search.pareto import non_dominated, pareto_front

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.labels import LabelSet
    from ctnas.run.config import RunConfig
    from ctnas.search import SearchResult
    from ctnas.search.pareto import ParetoFront


def search_front(config: RunConfig, result: SearchResult) -> ParetoFront:
    """Return the front that the last comparator of a search expects.

    Args:
        config: limit and provider.
        result: what the search has seen.
    """
    return pareto_front(result.comparator, result.architectures, config.max_madds, config.provider)


def spread(front: ParetoFront, count: int) -> ArchitectureBatch:
    """Return at most so many architectures of a front, evenly spread, both ends among them."""
    places = np.linspace(0, len(front.architectures) - 1, min(count, len(front.architectures)))
    return front.architectures[np.unique(places.round()).astype(np.intp)]


def write_front(
    path: Path, front: ParetoFront, labels: LabelSet, result: SearchResult, config: RunConfig
) -> None:
    """Write the predicted front and that of the measured labels, by rising multiply-adds.

    Args:
        path: a CSV file.
        front: the predicted one.
        labels: all labels.
        result: what win probabilities are against.
        config: the limit.
    """
    space = labels.space
    measured = _measured_front(labels, config.max_madds)
    # Rows that differ in what does not exist only are one architecture.
    fronts = (front.architectures, measured)
    once = dict.fromkeys(text for part in fronts for text in space.format(part))
    batch = space.parse([*once])
    costs = space.costs(batch)
    assert costs is not None
    order = np.argsort(costs.madds, kind="stable")
    texts = space.format(batch)
    known = dict(zip(space.format(labels.architectures), labels.measured, strict=True))
    predicted, found = set(space.format(front.architectures)), set(space.format(measured))
    label: Float64Array = np.array([known.get(text, np.nan) for text in texts])
    columns: dict[str, Any] = {
        "architecture": [texts[row] for row in order],
        "madds": costs.madds[order],
        "parameters": costs.parameters[order],
        "win_probability": result.comparator.win_probability(batch, against=result.architectures)[
            order
        ],
        "label": label[order],
        "on_predicted_front": [texts[row] in predicted for row in order],
        "on_measured_front": [texts[row] in found for row in order],
    }
    write_table(path, columns)


def _measured_front(labels: LabelSet, max_madds: float | None) -> ArchitectureBatch:
    costs = labels.space.costs(labels.architectures)
    assert costs is not None
    within = np.flatnonzero(costs.madds <= (np.inf if max_madds is None else max_madds))
    kept = within[non_dominated(labels.values[within], costs.madds[within])]
    return labels.architectures[kept]
