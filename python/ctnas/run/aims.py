"""What a run is after besides its label: further objectives, and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.errors import ConfigurationError, LabelError
from ctnas.labels import LabelSet
from ctnas.labels.tables import write_table
from ctnas.run.latencies import Latencies
from ctnas.search.candidates import CandidateSource
from ctnas.search.front import FrontSurrogate, Measured
from ctnas.search.hypervolume import hypervolume, on_front
from ctnas.settings.objectives import Objective, gains_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch, BoolArray, Float64Array
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.label_sources import LabelSource
    from ctnas.search.front import Known

COSTS = ("madds", "parameters")
LATENCY = "latency"


class Aims:
    """Objectives and limits of a run, and where their values come from.

    The first objective is what the labels measure; the others are columns of the same table, what
    the space knows (madds, parameters), or measured here (latency).

    Args:
        config: names them.
        source: gives the labels.
        directory: keeps latencies.
        progress: told about measurements.

    Raises:
        ConfigurationError: if a metric exists nowhere, or nothing can keep a limit.
    """

    def __init__(
        self, config: RunConfig, source: LabelSource, directory: RunDirectory, progress: Progress
    ) -> None:
        self._space, self._source = source.space, source
        first, *others = config.objectives
        self.objectives = (Objective(source.metric, first.minimized), *others)
        self.limits = tuple(config.limits)
        self._columns: dict[str, dict[str, float]] = {}
        self._latencies: Latencies | None = None
        for name in self._names():
            self._find(name, config, directory, progress)
        self._check_limits()

    def _names(self) -> list[str]:
        """Return all metrics beside that of the labels."""
        named = [each.name for each in self.objectives] + [each.name for each in self.limits]
        return [name for name in dict.fromkeys(named) if name != self._source.metric]

    def _find(
        self, name: str, config: RunConfig, directory: RunDirectory, progress: Progress
    ) -> None:
        """Find out where the values of a metric come from."""
        if name in COSTS and self._known():
            return
        if config.labels is not None:
            self._columns[name] = _column(config, self._source, name)
        elif name == LATENCY and self._source.supernet is not None:
            self._latencies = Latencies(self._source.supernet, directory.latencies, progress)
        else:
            known = [*COSTS] if self._known() else []
            raise ConfigurationError(
                f"there is no metric {name!r}: beside {self._source.metric} there are "
                f"{', '.join([*known, LATENCY])}"
            )

    def _check_limits(self) -> None:
        table = self._source.known
        if table is None:
            return
        texts = self._space.format(table)
        for limit in self.limits:
            if limit.name in self._columns:
                values = np.array([self._columns[limit.name].get(text, np.nan) for text in texts])
                limit.check(values, self._source.dataset)

    def _known(self) -> dict[str, Known]:
        """Return the metrics that need no measurement."""
        space = self._space
        if space.costs(space.sample(1, seed=0)) is None:
            return {}

        def cost(name: str) -> Known:
            return lambda batch: np.asarray(getattr(space.costs(batch), name), dtype=np.float64)

        return {name: cost(name) for name in COSTS}

    def surrogate(self, candidates: CandidateSource) -> FrontSurrogate:
        """Return what chooses queries."""
        return FrontSurrogate(candidates, self.objectives, self.limits, self._known())

    def measured(self, labels: LabelSet) -> Measured:
        """Return labeled architectures with all metrics; those without one are left out."""
        values: dict[str, Float64Array] = {self._source.metric: labels.measured}
        texts = self._space.format(labels.architectures)
        known = self._known()
        for name in self._names():
            if name in self._columns:
                column = self._columns[name]
                values[name] = np.array([column.get(text, np.nan) for text in texts])
            elif name == LATENCY and self._latencies is not None:
                values[name] = self._latencies.of(labels.architectures, texts)
            else:
                values[name] = known[name](labels.architectures)
        whole = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
        rows = np.flatnonzero(whole)
        return Measured(
            labels.architectures[rows], {name: column[rows] for name, column in values.items()}
        )

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

    def write(self, directory: RunDirectory, measured: Measured, random: int) -> None:
        """Write `pareto.csv`, the best, and `objectives.csv`, all that was measured, in order.

        The reference point of the hypervolume has the worst value of every objective among the
        random labels; its unit is their range.

        Args:
            directory: of the run.
            measured: in the order of measurement.
            random: how many of them were drawn at random, before all others.
        """
        texts = self._space.format(measured.architectures)
        best = self._space.format(self.best(measured))
        place = {text: row for row, text in enumerate(texts)}
        rows = [place[text] for text in best]
        front = {name: column[rows] for name, column in measured.values.items()}
        write_table(directory.pareto, {"architecture": best, **front})
        allowed = self._allowed(measured)
        columns: dict[str, Any] = {
            "architecture": texts,
            **measured.values,
            "keeps_limits": allowed,
            "on_front": np.isin(np.arange(len(texts)), rows),
            "hypervolume": _growth(self._gains(measured), allowed, random),
        }
        write_table(directory.measured, columns)

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
        known = self._known()
        return {
            each.name: LabelSet(
                self._space,
                measured.architectures,
                measured.values[each.name],
                each.name,
                minimize=each.minimized,
            )
            for each in self.objectives[1:]
            if each.name not in known
        }


def _growth(gains: Float64Array, allowed: BoolArray, random: int) -> Float64Array:
    """Return the hypervolume after each of N measurements, float64 [N]."""
    start = gains[:random]
    reference, best = start.min(axis=0), start.max(axis=0)
    unit = np.where(best > reference, best - reference, 1.0)
    scaled = (gains - reference) / unit
    front = np.empty((0, gains.shape[1]))
    volumes = []
    for row, kept in zip(scaled, allowed, strict=True):
        if kept and not (front >= row).all(axis=1).any():
            front = np.concatenate([front[~(front <= row).all(axis=1)], row[None]])
        volumes.append(hypervolume(front, np.zeros(gains.shape[1])))
    return np.array(volumes)


def _column(config: RunConfig, source: LabelSource, name: str) -> dict[str, float]:
    """Return a further column of the table of a run, by architecture."""
    assert config.labels is not None
    try:
        labels = LabelSet.read(
            config.labels,
            source.space,
            name,
            repeated=config.repeated,
            on_invalid=lambda _: None,
            minimize=True,
        )
    except LabelError as error:
        raise ConfigurationError(f"metric {name!r}: {error}") from None
    texts = source.space.format(labels.architectures)
    return dict(zip(texts, labels.measured.tolist(), strict=True))
