"""What a run ends with: finalists measured on test images, fronts, and the tables of both."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from math import isfinite, nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas import _core
from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.noise import estimate_noise
from ctnas.labels.tables import write_table
from ctnas.run.trained import found_order
from ctnas.searching.choice import best_and_median, shrunken_labels
from ctnas.searching.pareto import non_dominated

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet
    from ctnas.run.context import RunContext
    from ctnas.run.label_sources import LabelSource
    from ctnas.run.trained import Trained
    from ctnas.searching import SearchResult
    from ctnas.searching.pareto import ParetoFront
    from ctnas.searching.targets import Targets

_OF_FINALISTS = frozenset({"name", "test_accuracy", "test_top5", "test_error"})


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
        test_error: standard error of `test_accuracy`, from the number of test images.
        madds: multiply-adds.
        parameters: number of trainable parameters.
        trainings: number of full trainings.
        trained: accuracy on validation images after them, a fraction, mean.
        trained_test: the same on test images.
        trained_test_error: standard error of that, from the number of test images.
    """

    name: str
    architecture: str
    win_probability: float
    label: float
    test_accuracy: float
    test_top5: float
    test_error: float
    madds: float
    parameters: float
    trainings: int = 0
    trained: float = nan
    trained_test: float = nan
    trained_test_error: float = nan

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, with None for what is not known; full trainings if there were any."""
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in asdict(self).items()
            if self.trainings or not key.startswith("train")
        }

    def with_trainings(self, trained: Trained, test_images: int) -> Finalist:
        """Return it with what full trainings have shown of it, if it was trained."""
        if self.architecture not in trained.texts:
            return self
        row = trained.texts.index(self.architecture)
        test = trained.test.get(self.architecture, nan)
        return replace(
            self,
            trainings=int(trained.count[row]),
            trained=float(trained.accuracy[row]),
            trained_test=test,
            trained_test_error=standard_error(test, test_images),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found.

    Attributes:
        directory: where everything stands.
        finalists: the found architectures beside the best and the median of the random sample.
        held_out_tau: Kendall's tau on labels that the comparator had not seen.
        labels: all that was measured.
        seconds: duration of each stage, and in total.
    """

    directory: Path
    finalists: list[Finalist]
    held_out_tau: float
    labels: LabelSet
    seconds: dict[str, float]


def standard_error(share: float, count: int) -> float:
    """Return the standard error of a share of so many independent images; NaN without any."""
    return sqrt(share * (1 - share) / count) if count else nan


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
    beside = best_and_median(sampled)
    best = best_found(result, sampled, labels, found) if chosen is None else chosen[:found]
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
            test_error=standard_error(float(accuracy[i, 0]), source.test_images),
            madds=float((unknown if costs is None else costs.madds)[i]),
            parameters=float((unknown if costs is None else costs.parameters)[i]),
        )
        for i in range(len(batch))
    ]


def best_found(
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


def write_predictions(
    path: Path,
    comparator: NeuralArchitectureComparator,
    train: LabelSet,
    held_out: LabelSet,
) -> None:
    """Write every label beside its predicted win probability against all labeled ones."""
    both = train.joined(held_out)
    columns: dict[str, Any] = {
        "architecture": both.space.format(both.architectures),
        "label": both.measured,
        "win_probability": comparator.win_probability(both.architectures),
        "held_out": np.arange(len(both)) >= len(train),
    }
    write_table(path, columns)


def write_ranking(
    path: Path,
    labels: LabelSet,
    result: SearchResult,
    top: int,
    targets: Targets | None,
    trained: Trained | None = None,
) -> None:
    """Write the best architectures of the search, of which limits are kept if there are any.

    What was fully trained stands first, the best by all that is known of it first.
    """
    rows = np.arange(len(result.architectures))[:top]
    if targets is not None and targets.limits:
        rows = np.flatnonzero(targets.offers(labels, result.architectures))[:top]
    space, best = labels.space, result.architectures[rows]
    win_probability = result.win_probability[rows]
    if trained is not None:
        best = found_order(trained, best, labels)[:top]
        win_probability = result.comparator.win_probability(best, against=result.architectures)
    texts = space.format(best)
    measured = dict(zip(space.format(labels.architectures), labels.measured, strict=True))
    costs = space.costs(best)
    unknown = np.full(len(best), np.nan)
    columns: dict[str, Any] = {
        "rank": np.arange(1, len(best) + 1),
        "architecture": texts,
        "win_probability": win_probability,
        "label": np.array([measured.get(text, np.nan) for text in texts]),
        **({} if trained is None else trained.columns(texts)),
        "madds": unknown if costs is None else costs.madds,
        "parameters": unknown if costs is None else costs.parameters,
    }
    write_table(path, columns)


def write_front(
    path: Path,
    front: ParetoFront,
    labels: LabelSet,
    result: SearchResult,
    max_madds: float | None,
) -> None:
    """Write the predicted front and that of the measured labels, by rising multiply-adds.

    Args:
        path: a CSV file.
        front: the predicted one.
        labels: all labels.
        result: what win probabilities are against.
        max_madds: the limit.
    """
    space = labels.space
    measured = _measured_front(labels, max_madds)
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


def summary(
    run: RunContext, source: LabelSource, result: SearchResult, outcome: Outcome
) -> dict[str, Any]:
    """Return the contents of summary.json."""
    config, best = run.config, outcome.finalists[0].as_dict()
    return {
        "space": source.space.name,
        "dataset": source.dataset,
        "metric": outcome.labels.metric,
        "minimize": outcome.labels.minimize,
        "preset": config.preset,
        "seed": config.seed,
        "queries": len(outcome.labels),
        "iterations": len(result.history.rows),
        "kendall_tau": outcome.held_out_tau,
        "noise": result.comparator.noise,
        "best": {key: best[key] for key in best if key not in _OF_FINALISTS},
        "finalists": [finalist.as_dict() for finalist in outcome.finalists],
        "provider": result.provider,
        "seconds": {name: round(value, 2) for name, value in outcome.seconds.items()},
        "versions": {
            "ctnas": version("ctnas"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "onnxruntime": _core.load_runtime(),
        },
    }
