"""Several models of a few labels, each of another kind: their errors differ, their mean does not.

Networks learn what a graph means, by convolutions on it or by following the data through it; a
Gaussian process and boosted trees learn from what can be read off it (`features.py`). All predict
labels as normal scores, which failed trainings do not distort.

Which of them suits a space is seen from labels: each kind says what it thinks of some that it has
not learned from (`stacking.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.architecture import ArchitectureBatch
from ctnas.checked import MOST_SEED, small_seed
from ctnas.comparator.comparisons import GraphTensors, LabeledComparisons
from ctnas.comparator.encoders import make_encoder
from ctnas.comparator.features import DECISIONS, LEVELS, FeatureScale, feature_groups
from ctnas.comparator.flow import FlowNetworks
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.stacking import Opinion, stacked
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
HELD_BACK = 1 / 6
"""Share of the labels that one of several networks does not learn from."""
PROCESS_WEIGHT, TREES_WEIGHT = 1.0, 1.0
"""How much is usually listened to the Gaussian process and to trees; to networks, as configured."""
TREE_FOLDS = 4
"""Ensembles of trees, each of which does not learn from a share of the labels."""


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
        The models' scores, weighted by what they say of labels that they have not learned from.
    """
    target = normal_scores(labels.values)
    together = stacked(
        [
            *_opinions_of_features(labels, pool, target, seed),
            _opinion_of_networks(labels, pool, fit, config, seed, advance),
        ],
        target,
    )
    error = float(np.nanstd(target - together.held_out))
    spread = float(together.score.std()) or 1.0
    return Consensus(standardized(together.score), error / spread)


def _opinions_of_features(
    labels: LabelSet, pool: ArchitectureBatch, target: Float64Array, seed: int
) -> list[Opinion]:
    """Return what a Gaussian process and boosted trees think."""
    known = labels.space.canonical(labels.architectures)
    raw = feature_groups(labels.space, ArchitectureBatch.concatenate([known, pool]))
    groups = FeatureScale(raw)(raw)
    learned = [group[: len(labels)] for group in groups]
    unknown = [group[len(labels) :] for group in groups]
    opinions = [
        _process(learned, target, unknown),
        _boosted_trees(np.hstack(learned), target, np.hstack(unknown), seed),
    ]
    if raw[LEVELS].shape[1]:
        # Where numbers act on a line, levels and kinds are in the way.
        group = FeatureScale([decisions := raw[DECISIONS]])([decisions])[0]
        opinions.append(_process([group[: len(labels)]], target, [group[len(labels) :]]))
    return opinions


def _process(
    known: list[Float64Array], target: Float64Array, unknown: list[Float64Array]
) -> Opinion:
    process = GaussianProcess(known, target)
    left_out = np.full(len(target), np.nan)
    rows, predicted = process.left_out()
    left_out[rows] = predicted
    return Opinion(process.predict(unknown), left_out, PROCESS_WEIGHT)


def _opinion_of_networks(
    labels: LabelSet,
    pool: ArchitectureBatch,
    fit: FitConfig,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> Opinion:
    """Return what networks that convolve and networks that follow the data think."""
    networks = NetworkScores(labels, pool, fit, seed, advance)
    vocabulary = labels.space.vocabulary
    convolutions = [
        networks.fitted(make_encoder(vocabulary, config.convolution), member)
        for member in range(config.convolutions)
    ]
    shown = shown_labels(len(labels), config.flows, seed)
    flows = networks.fitted(FlowNetworks(vocabulary, config.flow, config.flows), 0, shown)
    weights = [1.0, config.flow_weight]
    kinds = [np.vstack([c[:, : len(pool)] for c in convolutions]), flows[:, : len(pool)]]
    score = np.average([kind.mean(axis=0) for kind in kinds], axis=0, weights=weights)
    held_out = np.where(shown.numpy() == 0, flows[:, len(pool) :], np.nan)
    some = (shown == 0).any(dim=0).numpy()
    said = np.full(len(labels), np.nan)
    said[some] = np.nanmean(held_out[:, some], axis=0)
    return Opinion(score, said, 1.0 + config.flow_weight)


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

    def fitted(
        self, network: PairNetwork, member: int, shown: Tensor | None = None
    ) -> Float64Array:
        """Fit a network, or several at once, and return what they think.

        Args:
            network: freshly initialized.
            member: tells the draws of networks of one kind apart.
            shown: float [K, M], 1 for the labels that each of several networks learns from.

        Returns:
            float64 [K, N + M]: scores of the pool, standardized, and on the same scale those of the
            labeled architectures.
        """
        network = AveragedViews(network)
        trainer = ComparatorTrainer(network, self._fit)
        batches = LabeledComparisons(
            self._labels, self._fit, (self._seed + member) % (MOST_SEED + 1), self._known, shown
        )
        for _ in range(self._fit.steps):
            trainer.step(batches.draw())
            self._advance()
        network.eval()
        every = np.hstack([self._scores(network, graphs) for graphs in (self._pool, self._known)])
        pool = every[:, : len(self._pool)]
        deviation = pool.std(axis=1, keepdims=True)
        centered: Float64Array = every - pool.mean(axis=1, keepdims=True)
        return centered / np.where(deviation > 0, deviation, 1.0)

    def _scores(self, network: PairNetwork, graphs: GraphTensors) -> Float64Array:
        parts = []
        with torch.inference_mode():
            for first in range(0, len(graphs), CHUNK):
                rows = slice(first, first + CHUNK)
                parts.append(network(graphs.adjacency[rows], graphs.operations[rows])[0])
        return np.atleast_2d(torch.cat(parts, dim=-1).double().numpy())


def shown_labels(count: int, members: int, seed: int) -> Tensor:
    """Return float [K, M], 0 for the labels that each of K networks does not learn from.

    None is held back from two.
    """
    share = min(HELD_BACK, 1 / (members + 1))
    place = np.random.default_rng([seed, count]).permutation(count)
    fold = (place / (share * count)).astype(np.int64)
    return torch.from_numpy(fold != np.arange(members)[:, None]).float()


def _boosted_trees(
    known: Float64Array, target: Float64Array, unknown: Float64Array, seed: int
) -> Opinion:
    """Fit trees to all folds but one each."""
    from sklearn.ensemble import GradientBoostingRegressor

    fold = np.random.default_rng([seed, len(target)]).permutation(len(target)) % TREE_FOLDS
    score, held_out = np.zeros(len(unknown)), np.empty(len(target))
    for held in range(TREE_FOLDS):
        trees = GradientBoostingRegressor(
            n_estimators=100,
            max_depth=4,
            max_features=0.3,
            learning_rate=0.08,
            subsample=0.5,
            random_state=small_seed(seed + held),
        )
        trees.fit(known[fold != held], target[fold != held])
        held_out[fold == held] = trees.predict(known[fold == held])
        score += trees.predict(unknown) / TREE_FOLDS
    return Opinion(score, held_out, TREES_WEIGHT)


def standardized(score: Float64Array) -> Float64Array:
    """Return scores with mean 0 and deviation 1; constant ones become 0."""
    deviation = score.std()
    centered: Float64Array = score - score.mean()
    return centered / deviation if deviation > 0 else centered
