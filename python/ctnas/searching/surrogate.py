"""What adaptive queries ask next: what may well be better than all that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ctnas.app.threads import one_thread
from ctnas.comparator.features import FeatureScale, feature_groups
from ctnas.comparator.spread import normal_scores
from ctnas.errors import ConfigurationError
from ctnas.searching.growing_process import GrowingProcess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctnas.architecture import ArchitectureBatch, Float32Array, Float64Array, Int64Array
    from ctnas.comparator.gaussian_process import GaussianProcess
    from ctnas.labels import LabelSet
    from ctnas.searching.candidates import CandidateSource

_Real = TypeVar("_Real", np.float32, np.float64)

OPTIMISM = 0.5
"""Weight of what is not known, unless said otherwise."""
REFERENCE = 5_000
"""Architectures that tell how much features vary."""
SHORTLIST = 25_000
"""Of a small space that has more architectures, the best ones by what was expected when
hyperparameters were learned: they are looked at in the rounds that follow."""
CONTENDERS = 1_000
"""The best candidates by their bound, among which those of one round are chosen."""
CHUNK = 16_384
"""Architectures whose features are read at once."""
ROUNDS = 20
"""Rounds that many queries are spread over."""
LEAST_BATCH, MOST_BATCH = 5, 25


class Surrogate:
    """Orders candidates by what a Gaussian process expects of them, and how little it knows.

    It sees what can be read off architectures, learns from few labels in a moment, and says how
    sure it is: the upper confidence bound `mean + optimism * deviation` is high where much is
    expected, or much is unknown. What is asked at once must not all be of one kind: after each
    choice, the deviations are those that remain when it has been measured.

    Source: Srinivas et al., "Gaussian Process Optimization in the Bandit Setting", ICML 2010;
    Desautels et al., "Parallelizing Exploration-Exploitation Tradeoffs in Gaussian Process Bandit
    Optimization", JMLR 2014, for several at once.

    Args:
        source: gives the candidates.
        optimism: weight of the deviation.

    Raises:
        ConfigurationError: if `optimism` is negative.
    """

    def __init__(self, source: CandidateSource, optimism: float = OPTIMISM) -> None:
        check_optimism(optimism)
        self._source, self._optimism = source, optimism
        self._space = source.space
        reference = self._space.sample(min(REFERENCE, self._space.size), seed=0)
        self._scale = FeatureScale(feature_groups(self._space, reference))
        self._process = GrowingProcess(normal_scores)
        # The features of all candidates of a small space are read once.
        whole = source.whole
        self._whole = None if whole is None else (whole, self._read(whole, np.float32))
        self._shortlist: tuple[GaussianProcess, Int64Array] | None = None

    def promising(
        self, labels: LabelSet, generator: np.random.Generator, count: int
    ) -> ArchitectureBatch:
        """Return candidates to measure at once, the most worth a label first.

        Args:
            labels: at least 10 labels to learn from, the oldest first.
            generator: of random candidates in a large space.
            count: how many; beyond 1,000 the others follow by their bounds alone.

        Returns:
            `count` candidates, or all that are left.
        """
        with one_thread():
            known = self._features(self._space.canonical(labels.architectures))
            process = self._process.of(known, labels.values)
            if self._whole is None:
                candidates = self._source.drawn(
                    labels, lambda batch: process.predict(self._features(batch)), generator
                )
                features = self._features(candidates)
            else:
                settled = self._process.settled(known, labels.values)
                candidates, features = self._left(labels, settled)
            return candidates[self._chosen(process, features, count)]

    def likeness(self, labels: LabelSet, batch: ArchitectureBatch) -> Float64Array:
        """Return how alike the labels of architectures are, before any is known.

        Args:
            labels: at least 10, which tell what matters.
            batch: N architectures, canonical.

        Returns:
            Covariances, float64 [N, N], whose diagonal has mean 1.
        """
        with one_thread():
            known = self._features(self._space.canonical(labels.architectures))
            process = self._process.of(known, labels.values)
            covariance = process.prior_covariance(self._features(batch))
        likeness: Float64Array = covariance / covariance.diagonal().mean()
        return likeness

    def _left(
        self, labels: LabelSet, process: GaussianProcess
    ) -> tuple[ArchitectureBatch, list[Float64Array]]:
        """Return the candidates of a small space that are looked at, and their features."""
        assert self._whole is not None
        whole, features = self._whole
        if self._shortlist is None or self._shortlist[0] is not process:
            self._shortlist = process, self._best(features, process)
        rows = self._shortlist[1]
        rows = rows[self._source.unmeasured(labels)[rows]]
        return whole[rows], [group[rows].astype(np.float64) for group in features]

    def _best(self, features: list[Float32Array], process: GaussianProcess) -> Int64Array:
        """Return the rows of which most is expected, as many as are looked at, in their order."""
        if len(features[0]) <= SHORTLIST:
            return np.arange(len(features[0]))
        expected = process.predict(features)
        return np.sort(np.argsort(-expected, kind="stable")[:SHORTLIST])

    def _chosen(
        self, process: GaussianProcess, features: list[Float64Array], count: int
    ) -> Int64Array:
        """Return `count` rows of candidates."""
        expected, deviation = process.posterior(features)
        bound = expected + self._optimism * deviation
        best: Int64Array = np.argsort(-bound, kind="stable")
        rows = best[:CONTENDERS]
        covariance = process.covariance([group[rows] for group in features])
        places = chosen_together(expected[rows], covariance, process.noise, count, self._optimism)
        return np.concatenate([rows[places], best[CONTENDERS:]])[:count]

    def _features(self, batch: ArchitectureBatch) -> list[Float64Array]:
        """Return the scaled features of N architectures."""
        return self._read(batch, np.float64)

    def _read(self, batch: ArchitectureBatch, kind: type[_Real]) -> list[NDArray[_Real]]:
        """Return the scaled features of N architectures as numbers of some kind."""
        starts = range(0, max(len(batch), 1), CHUNK)
        parts = (
            self._scale(feature_groups(self._space, batch[start : start + CHUNK]))
            for start in starts
        )
        converted = [[group.astype(kind, copy=False) for group in part] for part in parts]
        return [np.concatenate(groups) for groups in zip(*converted, strict=True)]


def chosen_together(
    expected: Float64Array,
    covariance: Float64Array,
    noise: float,
    count: int,
    optimism: float = OPTIMISM,
) -> list[int]:
    """Return `count` places of N, each the highest bound when those before are measured.

    Args:
        expected: float64 [N], posterior mean.
        covariance: float64 [N, N], of the posterior.
        noise: variance of the noise of a measurement.
        count: how many; all N if there are fewer.
        optimism: weight of the deviation.
    """
    left = np.ones(len(expected), dtype=np.bool_)
    chosen: list[int] = []
    while len(chosen) < count and left.any():
        deviation = np.sqrt(np.maximum(covariance.diagonal(), 0))
        place = int(np.argmax(np.where(left, expected + optimism * deviation, -np.inf)))
        chosen.append(place)
        left[place] = False
        shared = covariance[place]
        covariance = covariance - np.outer(shared, shared) / (max(shared[place], 0) + noise)
    return chosen


def check_optimism(optimism: float) -> None:
    """Raise ConfigurationError unless `optimism` is at least 0."""
    if not optimism >= 0:
        raise ConfigurationError(f"optimism must be at least 0, not {optimism}")


def round_size(queries: int) -> int:
    """Return how many queries a round has, unless said otherwise: a twentieth, 5 to 25."""
    return int(np.clip(queries // ROUNDS, LEAST_BATCH, MOST_BATCH))
