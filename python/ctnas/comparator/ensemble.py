"""Several models of a few labels, each of another kind: their errors differ, their mean does not.

Networks learn what a graph means, by convolutions on it or by following the data through it; a
Gaussian process and boosted trees learn from what can be read off it (`features.py`). All predict
labels as normal scores, which failed trainings do not distort.

Trees split counts and paths. Where operations are too many for those, they see single decisions
only, and what they say of them jumps from one to the next: they are left out there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.comparisons import GraphTensors, LabeledComparisons
from ctnas.comparator.encoders import make_encoder
from ctnas.comparator.features import FeatureScale, feature_groups
from ctnas.comparator.flow import FlowNetworks
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.structure import MANY_OPERATIONS
from ctnas.comparator.training import ComparatorTrainer
from ctnas.comparator.views import AveragedViews, graph_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ctnas.architecture import Float64Array
    from ctnas.comparator.encoders import PairNetwork
    from ctnas.comparator.presets import DistillationConfig, FitConfig
    from ctnas.labels import LabelSet

CHUNK = 2048
"""Graphs that a network encodes at once."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the ensemble thinks of a pool of graphs.

    Attributes:
        score: float64 [N], predicted labels as normal scores; higher is better.
        error: standard deviation of a prediction's error, in the same unit.
    """

    score: Float64Array
    error: float


def ensemble_consensus(
    labels: LabelSet,
    pool: ArchitectureBatch,
    fit: FitConfig,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> Consensus:
    """Fit every model to the labels and score a pool of unlabeled architectures.

    Args:
        labels: M labels.
        pool: N architectures.
        fit: how networks learn.
        config: their numbers, shapes and weights.
        seed: of the draws; initial weights and dropout come from torch's generator.
        advance: called after every optimizer step of a network.

    Returns:
        The weighted mean of the models' standardized scores.
    """
    target = normal_scores(labels.values)
    known = labels.space.canonical(labels.architectures)
    both = ArchitectureBatch.concatenate([known, pool])
    raw = feature_groups(labels.space, both)
    groups = FeatureScale(raw)(raw)
    learned = [group[: len(labels)] for group in groups]
    unknown = [group[len(labels) :] for group in groups]
    process = GaussianProcess(learned, target)
    networks = NetworkScores(labels, pool, fit, seed, advance)
    vocabulary = labels.space.vocabulary
    convolutions = [
        networks.fitted(make_encoder(vocabulary, config.convolution), member)
        for member in range(config.convolutions)
    ]
    flows = networks.fitted(FlowNetworks(vocabulary, config.flow, config.flows), 0)
    scores = [process.predict(unknown), np.vstack(convolutions).mean(axis=0), flows.mean(axis=0)]
    weights = [1.0, 1.0, config.flow_weight]
    if len(vocabulary) <= MANY_OPERATIONS:
        scores.append(_boosted_trees(np.hstack(learned), target, np.hstack(unknown), seed))
        weights.append(1.0)
    mean = np.average([standardized(score) for score in scores], axis=0, weights=weights)
    return Consensus(standardized(mean), process.leave_one_out_error())


def normal_scores(values: Float64Array) -> Float64Array:
    """Return the normal quantiles of the ranks, ties sharing their mean rank."""
    from scipy.stats import norm, rankdata

    scores: Float64Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


class NetworkScores:
    """Fits networks to comparisons of labels and has them score a pool.

    Args:
        labels: M labels.
        pool: N architectures.
        fit: how networks learn.
        seed: of the draws.
        advance: called after every optimizer step.
    """

    def __init__(
        self,
        labels: LabelSet,
        pool: ArchitectureBatch,
        fit: FitConfig,
        seed: int,
        advance: Callable[[], None],
    ) -> None:
        self._labels, self._fit, self._seed, self._advance = labels, fit, seed, advance
        self._known, self._pool = (
            GraphTensors.of_views(graph_views(labels.space, batch))
            for batch in (labels.architectures, pool)
        )

    def fitted(self, network: PairNetwork, member: int) -> Float64Array:
        """Fit a network, or several at once, and return the standardized scores of each, [K, N].

        Args:
            network: freshly initialized.
            member: tells the draws of networks of one kind apart.
        """
        network = AveragedViews(network)
        trainer = ComparatorTrainer(network, self._fit)
        batches = LabeledComparisons(self._labels, self._fit, self._seed + member, self._known)
        for _ in range(self._fit.steps):
            trainer.step(batches.draw())
            self._advance()
        network.eval()
        with torch.inference_mode():
            parts = [self._scores(network, first) for first in range(0, len(self._pool), CHUNK)]
        every = np.atleast_2d(torch.cat(parts, dim=-1).double().numpy())
        return np.array([standardized(score) for score in every])

    def _scores(self, network: PairNetwork, first: int) -> Tensor:
        rows = slice(first, first + CHUNK)
        scores: Tensor = network(self._pool.adjacency[rows], self._pool.operations[rows])[0]
        return scores


def _boosted_trees(
    known: Float64Array, target: Float64Array, unknown: Float64Array, seed: int
) -> Float64Array:
    from sklearn.ensemble import GradientBoostingRegressor

    trees = GradientBoostingRegressor(
        n_estimators=300, max_depth=4, learning_rate=0.03, subsample=0.5, random_state=seed
    )
    scores: Float64Array = trees.fit(known, target).predict(unknown)
    return scores


def standardized(score: Float64Array) -> Float64Array:
    """Return scores with mean 0 and deviation 1; constant ones become 0."""
    deviation = score.std()
    centered: Float64Array = score - score.mean()
    return centered / deviation if deviation > 0 else centered
