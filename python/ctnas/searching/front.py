"""What to measure next where a front of several objectives may grow, and limits are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ctnas.app.threads import one_thread
from ctnas.comparator.spread import standardized
from ctnas.labels import LabelSet
from ctnas.searching.growing_process import GrowingProcess
from ctnas.searching.hypervolume import depths, expected_improvement, on_front
from ctnas.searching.surrogate import CONTENDERS, SHORTLIST, Surrogate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ctnas.architecture import ArchitectureBatch, BoolArray, Float64Array, Int64Array
    from ctnas.searching.candidates import CandidateSource
    from ctnas.settings.objectives import Limit, Objective

Known: TypeAlias = "Callable[[ArchitectureBatch], Float64Array]"
"""Returns a metric of N architectures that needs no measurement, float64 [N]."""

CONFIDENCE = 0.95
"""What is not measured is offered if it keeps all limits with this probability."""
BELOW = 0.1
"""How far the reference point is below the worst gains, as a share of their range."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of N architectures.

    Attributes:
        architectures: N of them.
        values: float64 [N] each, by the name of the metric.
    """

    architectures: ArchitectureBatch
    values: Mapping[str, Float64Array]


class FrontSurrogate(Surrogate):
    """Chooses where the hypervolume of the front is expected to grow most, within limits.

    Each metric has a Gaussian process of its own. The expected growth is multiplied by the
    probability that the limits are kept. What is asked at once counts as measured as it is
    predicted, so that the next one grows another part of the front.

    Args:
        source: gives the candidates.
        objectives: one to three.
        limits: on these or on other metrics.
        known: metrics that need no measurement, by name.
    """

    def __init__(
        self,
        source: CandidateSource,
        objectives: Sequence[Objective],
        limits: Sequence[Limit] = (),
        known: Mapping[str, Known] | None = None,
    ) -> None:
        super().__init__(source)
        self._task = _Task(tuple(objectives), tuple(limits), dict(known or {}))
        self._growing = {name: GrowingProcess(standardized) for name in self._task.learned}

    def growing(
        self, measured: Measured, generator: np.random.Generator, count: int
    ) -> ArchitectureBatch:
        """Return candidates to measure at once, the most worth a measurement first.

        Args:
            measured: at least 10 architectures with every metric.
            generator: of random candidates in a large space.
            count: how many.

        Returns:
            `count` candidates, or all that are left.
        """
        with one_thread():
            state = self._learned(measured)
            labels = LabelSet(self._space, measured.architectures, state.standing)
            if self._whole is None:
                candidates = self._source.drawn(labels, state.quick, generator)
                features = self._features(candidates)
            else:
                whole, narrow = self._whole
                left = self._source.unmeasured(labels)
                candidates = whole[left]
                features = [group[left].astype(np.float64) for group in narrow]
            return candidates[state.chosen(candidates, features, count)]

    def _learned(self, measured: Measured) -> _State:
        known = self._features(self._space.canonical(measured.architectures))
        processes = {
            name: _Process(growing, known, measured.values[name])
            for name, growing in self._growing.items()
        }
        return _State(self._task, self._features, processes, measured)

    def keeps_limits(self, measured: Measured, batch: ArchitectureBatch) -> BoolArray:
        """Return which of N architectures keep all limits with 95 % probability, [N]."""
        with one_thread():
            state = self._learned(measured)
            features = self._features(batch)
            return state.feasible(batch, features) >= CONFIDENCE


@dataclass(frozen=True, slots=True)
class _Task:
    """What is looked for."""

    objectives: tuple[Objective, ...]
    limits: tuple[Limit, ...]
    known: dict[str, Known]

    @property
    def learned(self) -> list[str]:
        """Names of the metrics that have to be learned."""
        named = [each.name for each in self.objectives] + [each.name for each in self.limits]
        return [name for name in dict.fromkeys(named) if name not in self.known]


class _State:
    """Everything that is learned from what was measured.

    Args:
        task: what is looked for.
        read: returns the features of architectures.
        processes: what was learned of each metric that has to be.
        measured: what was measured.
    """

    def __init__(
        self,
        task: _Task,
        read: Callable[[ArchitectureBatch], list[Float64Array]],
        processes: Mapping[str, _Process],
        measured: Measured,
    ) -> None:
        self._task, self._read, self._processes = task, read, processes
        self._scale(measured)

    def _scale(self, measured: Measured) -> None:
        """Find front and reference point, in units of the range of each objective."""
        objectives, limits = self._task.objectives, self._task.limits
        gains = np.column_stack(
            [objective.sign * measured.values[objective.name] for objective in objectives]
        )
        lowest, highest = gains.min(axis=0), gains.max(axis=0)
        self._lowest = lowest
        self._range = np.where(highest > lowest, highest - lowest, 1.0)
        scaled = (gains - lowest) / self._range
        kept = np.ones(len(gains), dtype=np.bool_)
        for limit in limits:
            kept &= limit.allows(measured.values[limit.name])
        self._reference = np.full(len(objectives), -BELOW)
        self._front = scaled[kept][on_front(scaled[kept])]
        # Those that keep the limits stand before all others.
        self.standing = -depths(scaled) - np.where(kept, 0.0, float(len(scaled)))

    def quick(self, batch: ArchitectureBatch) -> Float64Array:
        """Return the expected growth by N architectures, float64 [N]."""
        features = self._read(batch)
        return self._growth(batch, features, *self._predicted(batch, features))

    def chosen(
        self, batch: ArchitectureBatch, features: list[Float64Array], count: int
    ) -> list[int]:
        """Return `count` rows of candidates, each the best when those before are measured."""
        rows = self._shortlist(batch, features)
        near = [group[rows] for group in features]
        mean, deviation = self._predicted(batch[rows], near)
        growth = self._growth(batch[rows], near, mean, deviation)
        best = np.argsort(-growth, kind="stable")[: max(CONTENDERS, count)]
        rows, mean, deviation = rows[best], mean[best], deviation[best]
        feasible = self.feasible(batch[rows], [group[rows] for group in features])
        chosen: list[int] = []
        left = np.ones(len(rows), dtype=np.bool_)
        front = self._front
        while len(chosen) < count and left.any():
            growth = feasible * expected_improvement(front, self._reference, mean, deviation)
            place = int(np.argmax(np.where(left, growth, -np.inf)))
            chosen.append(int(rows[place]))
            left[place] = False
            front = np.concatenate([front, mean[[place]]])
            front = front[on_front(front)]
        return chosen

    def _shortlist(self, batch: ArchitectureBatch, features: list[Float64Array]) -> Int64Array:
        """Return the rows that are looked at closely, as if all were equally uncertain."""
        if len(batch) <= SHORTLIST:
            return np.arange(len(batch))
        mean = np.column_stack(
            [self._gain(batch, features, place) for place in range(len(self._range))]
        )
        alike = np.full(mean.shape, BELOW)
        growth = expected_improvement(self._front, self._reference, mean, alike)
        return np.sort(np.argsort(-growth, kind="stable")[:SHORTLIST])

    def _growth(
        self,
        batch: ArchitectureBatch,
        features: list[Float64Array],
        mean: Float64Array,
        deviation: Float64Array,
    ) -> Float64Array:
        growth = expected_improvement(self._front, self._reference, mean, deviation)
        return growth * self.feasible(batch, features)

    def feasible(self, batch: ArchitectureBatch, features: list[Float64Array]) -> Float64Array:
        """Return the probability that each of N architectures keeps all limits, float64 [N]."""
        probability = np.ones(len(batch))
        for limit in self._task.limits:
            known = self._task.known.get(limit.name)
            if known is not None:
                probability *= limit.allows(known(batch))
            else:
                process = self._processes[limit.name]
                probability *= limit.probability(*process.posterior(features))
        return probability

    def _predicted(
        self, batch: ArchitectureBatch, features: list[Float64Array]
    ) -> tuple[Float64Array, Float64Array]:
        """Return mean and deviation of each objective's gain, float64 [N, K] each."""
        means, deviations = [], []
        for place, objective in enumerate(self._task.objectives):
            process = self._processes.get(objective.name)
            if process is None:
                means.append(self._gain(batch, features, place))
                deviations.append(np.zeros(len(batch)))
                continue
            mean, deviation = process.posterior(features)
            means.append(self._scaled(objective, mean, place))
            deviations.append(deviation / self._range[place])
        return np.column_stack(means), np.column_stack(deviations)

    def _gain(
        self, batch: ArchitectureBatch, features: list[Float64Array], place: int
    ) -> Float64Array:
        """Return the expected gain of one objective, float64 [N]."""
        objective = self._task.objectives[place]
        known = self._task.known.get(objective.name)
        values = (
            known(batch) if known is not None else self._processes[objective.name].predict(features)
        )
        return self._scaled(objective, values, place)

    def _scaled(self, objective: Objective, values: Float64Array, place: int) -> Float64Array:
        gain: Float64Array = (objective.sign * values - self._lowest[place]) / self._range[place]
        return gain


class _Process:
    """A Gaussian process of one metric, in the unit of the metric."""

    def __init__(
        self, growing: GrowingProcess, features: list[Float64Array], values: Float64Array
    ) -> None:
        self._center = float(values.mean())
        self._unit = float(values.std()) or 1.0
        self._process = growing.of(features, values)

    def predict(self, features: list[Float64Array]) -> Float64Array:
        """Return the expected values, float64 [N]."""
        return self._process.predict(features) * self._unit + self._center

    def posterior(self, features: list[Float64Array]) -> tuple[Float64Array, Float64Array]:
        """Return the expected values and their standard deviations, float64 [N] each."""
        mean, deviation = self._process.posterior(features)
        return mean * self._unit + self._center, deviation * self._unit
