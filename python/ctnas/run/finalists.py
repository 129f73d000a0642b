"""The architectures that a run ends with, measured on test images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.noise import estimate_noise
from ctnas.search.choice import shrunken_labels

if TYPE_CHECKING:
    from ctnas.labels import LabelSet
    from ctnas.run.label_sources import LabelSource
    from ctnas.search import SearchResult


@dataclass(frozen=True, slots=True)
class Finalist:
    """One architecture of the last table; NaN stands for what is not known.

    Attributes:
        name: "found 1" and so on, "best sampled" or "median sampled".
        architecture: as text.
        win_probability: against all candidates of the search (Eq. 5).
        label: as measured before, if it was.
        test_accuracy: fraction of test images that are classified rightly.
        test_top5: fraction whose class is among the five most likely.
        madds: multiply-adds.
        parameters: number of trainable parameters.
    """

    name: str
    architecture: str
    win_probability: float
    label: float
    test_accuracy: float
    test_top5: float
    madds: float
    parameters: float

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, with None for what is not known."""
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in asdict(self).items()
        }


def choose_finalists(
    source: LabelSource,
    sampled: LabelSet,
    labels: LabelSet,
    result: SearchResult,
    found: int,
    chosen: ArchitectureBatch | None = None,
) -> list[Finalist]:
    """Return the best found architectures beside the best and the median of the random sample.

    Args:
        source: measures them on test images where it can.
        sampled: the labels of the random sample.
        labels: all labels, those of candidates of the search among them.
        result: what the search found, best first.
        found: how many of the best found ones.
        chosen: the best found ones, best first, where more than the label counts.
    """
    space = labels.space
    order = np.argsort(-sampled.values, kind="stable")
    beside = sampled.architectures[[int(order[0]), int(order[len(order) // 2])]]
    best = _best_found(result, sampled, labels, found) if chosen is None else chosen[:found]
    batch = ArchitectureBatch.concatenate([best, beside])
    names = [f"found {rank + 1}" for rank in range(len(best))] + ["best sampled", "median sampled"]
    texts = space.format(batch)
    measured = dict(zip(space.format(labels.architectures), labels.measured, strict=True))
    won = result.comparator.win_probability(batch, against=result.architectures)
    costs = space.costs(batch)
    unknown = np.full(len(batch), np.nan)
    accuracy = source.test_accuracy(batch)
    return [
        Finalist(
            name=names[i],
            architecture=texts[i],
            win_probability=float(won[i]),
            label=float(measured.get(texts[i], np.nan)),
            test_accuracy=float(accuracy[i, 0]),
            test_top5=float(accuracy[i, 1]),
            madds=float((unknown if costs is None else costs.madds)[i]),
            parameters=float((unknown if costs is None else costs.parameters)[i]),
        )
        for i in range(len(batch))
    ]


def _best_found(
    result: SearchResult, sampled: LabelSet, labels: LabelSet, found: int
) -> ArchitectureBatch:
    """Return the best candidates.

    Where more was measured than the random sample, it is the best measured ones by what is
    expected of them; otherwise the best by win probability.
    """
    if len(labels) == len(sampled):
        return result.architectures[:found]
    texts = labels.space.format(labels.architectures)
    candidates = set(labels.space.format(result.architectures))
    measured = np.flatnonzero([text in candidates for text in texts])
    score = result.comparator.encode(labels.architectures)[0].astype(np.float64)
    noise = estimate_noise(labels) / np.sqrt(labels.counts)
    expected = shrunken_labels(labels.values, score, noise)[measured]
    order = measured[np.argsort(-expected, kind="stable")]
    return labels.architectures[order[:found].tolist()]
