"""What is looked for besides the label: further objectives, and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ctnas.errors import ConfigurationError
from ctnas.labels import LabelSet
from ctnas.labels.tables import write_table
from ctnas.searching.candidates import CandidateSource
from ctnas.searching.front import FrontSurrogate, Measured
from ctnas.searching.hypervolume import hypervolume, on_front
from ctnas.settings.objectives import gains_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ctnas.architecture import ArchitectureBatch, BoolArray, Float64Array
    from ctnas.searching.front import Known
    from ctnas.settings.objectives import Limit, Objective
    from ctnas.spaces import SearchSpace

COSTS = ("madds", "parameters")

Values: TypeAlias = "Callable[[ArchitectureBatch, Sequence[str]], Float64Array]"
"""Returns a metric of N labeled architectures, which it also gets as texts; NaN if unknown."""


def known_costs(space: SearchSpace) -> dict[str, Known]:
    """Return the metrics that a space itself knows, by name."""
    if space.costs(space.sample(1, seed=0)) is None:
        return {}

    def cost(name: str) -> Known:
        return lambda batch: np.asarray(getattr(space.costs(batch), name), dtype=np.float64)

    return {name: cost(name) for name in COSTS}


ORDERS = 20
"""Orders of the random labels over which their hypervolume is averaged."""


class Targets:
    """Objectives and limits of a search, and the values of their metrics.

    The first objective is what the labels measure.

    Args:
        space: the search space.
        objectives: one to three.
        limits: on these or on other metrics.
        values: of every metric that is neither that of the labels nor known to the space, by name.
    """

    def __init__(
        self,
        space: SearchSpace,
        objectives: Sequence[Objective],
        limits: Sequence[Limit],
        values: Mapping[str, Values],
    ) -> None:
        self._space, self._metric = space, objectives[0].name
        self.objectives, self.limits = tuple(objectives), tuple(limits)
        self._values, self._known = dict(values), known_costs(space)

    def surrogate(self, candidates: CandidateSource) -> FrontSurrogate:
        """Return what chooses queries."""
        return FrontSurrogate(candidates, self.objectives, self.limits, self._known)

    def measured(self, labels: LabelSet) -> Measured:
        """Return labeled architectures with all metrics; those without one are left out."""
        batch, texts = labels.architectures, self._space.format(labels.architectures)
        values: dict[str, Float64Array] = {self._metric: labels.measured}
        for name in further_metrics(self._metric, self.objectives, self.limits):
            if name in self._values:
                values[name] = self._values[name](batch, texts)
            else:
                values[name] = self._known[name](batch)
        whole = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
        rows = np.flatnonzero(whole)
        return Measured(batch[rows], {name: column[rows] for name, column in values.items()})

    def offers(self, labels: LabelSet, batch: ArchitectureBatch) -> BoolArray:
        """Return which of N architectures keep all limits: as measured, or with 95 %, [N].

        Args:
            labels: all labels.
            batch: the architectures.
        """
        measured = self.measured(labels)
        known = dict(
            zip(
                self._space.format(measured.architectures),
                self._allowed(measured).tolist(),
                strict=True,
            )
        )
        surrogate = self.surrogate(CandidateSource(self._space, among=batch))
        expected = surrogate.keeps_limits(measured, batch).tolist()
        texts = self._space.format(batch)
        return np.array([known.get(text, kept) for text, kept in zip(texts, expected, strict=True)])

    def best(self, measured: Measured) -> ArchitectureBatch:
        """Return the measured front, the best in the first objective first.

        With one objective it is all that keeps the limits, best first.

        Raises:
            ConfigurationError: if nothing that was measured keeps a limit.
        """
        kept = np.flatnonzero(self._kept(measured))
        gains = self._gains(measured)[kept]
        rows = (
            np.flatnonzero(on_front(gains)) if len(self.objectives) > 1 else np.arange(len(gains))
        )
        order = np.argsort(-gains[rows, 0], kind="stable")
        return measured.architectures[kept[rows[order]]]

    def _kept(self, measured: Measured) -> BoolArray:
        kept = np.ones(len(measured.architectures), dtype=np.bool_)
        for limit in self.limits:
            limit.check(measured.values[limit.name], "what was measured")
            kept &= limit.allows(measured.values[limit.name])
        if not kept.any():
            limits = ", ".join(map(str, self.limits))
            raise ConfigurationError(f"nothing that was measured keeps all limits: {limits}")
        return kept

    def _gains(self, measured: Measured) -> Float64Array:
        columns = [measured.values[each.name] for each in self.objectives]
        return gains_of(np.column_stack(columns), self.objectives)

    def write(self, best_at: Path, all_at: Path, measured: Measured, random: int) -> None:
        """Write tables of the best, and of all that was measured, in order.

        The reference point of the hypervolume has the worst value of every objective among the
        random labels; its unit is their range. Beside it stands what so many random ones alone
        reach: the mean over orders in which the random labels might have come.

        Args:
            best_at: a file of the best.
            all_at: a file of all.
            measured: in the order of measurement.
            random: how many of them were drawn at random, before all others.
        """
        texts = self._space.format(measured.architectures)
        best = self._space.format(self.best(measured))
        place = {text: row for row, text in enumerate(texts)}
        rows = [place[text] for text in best]
        front = {name: column[rows] for name, column in measured.values.items()}
        write_table(best_at, {"architecture": best, **front})
        allowed = self._allowed(measured)
        scaled = _scaled(self._gains(measured), random)
        columns: dict[str, Any] = {
            "architecture": texts,
            **measured.values,
            "keeps_limits": allowed,
            "on_front": np.isin(np.arange(len(texts)), rows),
            "hypervolume": _growth(scaled, allowed),
            "random_hypervolume": _expected_growth(scaled, allowed, random),
        }
        write_table(all_at, columns)

    def as_dict(self, random: int) -> dict[str, Any]:
        """Return what `summary.json` says of objectives and limits."""
        return {
            "objectives": list(map(str, self.objectives)),
            "limits": list(map(str, self.limits)),
            "random_labels": random,
        }

    def _allowed(self, measured: Measured) -> BoolArray:
        """Return which of N keep all limits, [N]."""
        kept = np.ones(len(measured.architectures), dtype=np.bool_)
        for limit in self.limits:
            kept &= limit.allows(measured.values[limit.name])
        return kept

    def label_sets(self, measured: Measured) -> Mapping[str, LabelSet]:
        """Return the labels of every further objective that has to be learned, by name."""
        return {
            each.name: LabelSet(
                self._space,
                measured.architectures,
                measured.values[each.name],
                each.name,
                minimize=each.minimized,
            )
            for each in self.objectives[1:]
            if each.name not in self._known
        }


def further_metrics(
    metric: str, objectives: Sequence[Objective], limits: Sequence[Limit]
) -> list[str]:
    """Return the metrics of objectives and limits beside that of the labels, each once."""
    named = dict.fromkeys([*(each.name for each in objectives), *(each.name for each in limits)])
    return [name for name in named if name != metric]


def _scaled(gains: Float64Array, random: int) -> Float64Array:
    """Return gains above the worst of the random ones, in units of their range, [N, K]."""
    start = gains[:random]
    reference, best = start.min(axis=0), start.max(axis=0)
    scaled: Float64Array = (gains - reference) / np.where(best > reference, best - reference, 1.0)
    return scaled


def _growth(scaled: Float64Array, allowed: BoolArray) -> Float64Array:
    """Return the hypervolume after each of N measurements, float64 [N]."""
    front, volume = np.empty((0, scaled.shape[1])), 0.0
    volumes = []
    for row, kept in zip(scaled, allowed, strict=True):
        if kept and not (front >= row).all(axis=1).any():
            front = np.concatenate([front[~(front <= row).all(axis=1)], row[None]])
            volume = hypervolume(front, np.zeros(scaled.shape[1]))
        volumes.append(volume)
    return np.array(volumes)


def _expected_growth(scaled: Float64Array, allowed: BoolArray, random: int) -> Float64Array:
    """Return the mean hypervolume of the first n random ones in any order; NaN after the last."""
    expected = np.full(len(scaled), np.nan)
    generator = np.random.default_rng(0)
    orders = [generator.permutation(random) for _ in range(ORDERS)]
    expected[:random] = np.mean([_growth(scaled[each], allowed[each]) for each in orders], axis=0)
    return expected
