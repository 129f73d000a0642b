"""Several models of a few labels, each of another kind: their errors differ, their mean does not.

Graph networks learn what a graph means, a Gaussian process and boosted trees learn from what can be
read off it (`structure.py`). All predict labels as normal scores, which failed trainings do not
distort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.comparisons import GraphTensors, LabeledComparisons
from ctnas.comparator.encoders import make_encoder
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.structure import structural_features
from ctnas.comparator.training import ComparatorTrainer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.architecture import Float64Array
    from ctnas.comparator.presets import ComparatorPreset, DistillationConfig
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
    preset: ComparatorPreset,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> Consensus:
    """Fit every model to the labels and score a pool of unlabeled architectures.

    Args:
        labels: M labels.
        pool: N architectures.
        preset: how graph networks learn.
        config: their number and shape.
        seed: of initial weights and draws.
        advance: called after every optimizer step of a graph network.

    Returns:
        The mean of the models' standardized scores.
    """
    target = normal_scores(labels.values)
    groups = _feature_groups(labels, pool)
    known = [group[: len(labels)] for group in groups]
    unknown = [group[len(labels) :] for group in groups]
    process = GaussianProcess(known, target)
    trees = _boosted_trees(np.hstack(known), target, np.hstack(unknown), seed)
    networks = np.zeros(len(pool))
    for member in range(config.members):
        networks += _standardized(
            _graph_network(labels, pool, preset, config, seed + member, advance)
        )
    scores = [process.predict(unknown), trees, networks]
    mean = np.mean([_standardized(score) for score in scores], axis=0)
    return Consensus(_standardized(mean), process.leave_one_out_error())


def normal_scores(values: Float64Array) -> Float64Array:
    """Return the normal quantiles of the ranks, ties sharing their mean rank."""
    from scipy.stats import norm, rankdata

    scores: Float64Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


def _graph_network(
    labels: LabelSet,
    pool: ArchitectureBatch,
    preset: ComparatorPreset,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> Float64Array:
    """Fit one graph network by comparisons and return its scores of the pool."""
    torch.manual_seed(seed)
    encoder = make_encoder(len(labels.space.vocabulary), config.member)
    trainer = ComparatorTrainer(encoder, preset.fit)
    batches = LabeledComparisons(labels, preset.fit, seed)
    for _ in range(preset.fit.steps):
        trainer.step(batches.draw())
        advance()
    encoder.eval()
    tensors = GraphTensors.of(labels.space.graphs(pool))
    with torch.inference_mode():
        parts = [
            encoder(tensors.adjacency[i : i + CHUNK], tensors.operations[i : i + CHUNK])[0]
            for i in range(0, len(pool), CHUNK)
        ]
    return torch.cat(parts).double().numpy()


def _boosted_trees(
    known: Float64Array, target: Float64Array, unknown: Float64Array, seed: int
) -> Float64Array:
    from sklearn.ensemble import GradientBoostingRegressor

    trees = GradientBoostingRegressor(
        n_estimators=300, max_depth=4, learning_rate=0.03, subsample=0.5, random_state=seed
    )
    scores: Float64Array = trees.fit(known, target).predict(unknown)
    return scores


def _feature_groups(labels: LabelSet, pool: ArchitectureBatch) -> list[Float64Array]:
    """Return what is read off the graphs, and the decisions themselves, of labels and pool.

    Both have mean 0 and deviation 1; features that never vary are left out.
    """
    space = labels.space
    both = ArchitectureBatch.concatenate([labels.architectures, pool])
    structure = structural_features(space.graphs(both), len(space.vocabulary))
    taken = [
        both.decisions[:, [column]] == np.arange(count)
        for column, count in enumerate(space.choices)
    ]
    return [_varying(structure), _varying(np.hstack(taken).astype(np.float64))]


def _varying(features: Float64Array) -> Float64Array:
    features = features[:, features.std(axis=0) > 0]
    result: Float64Array = (features - features.mean(axis=0)) / features.std(axis=0)
    return result


def _standardized(score: Float64Array) -> Float64Array:
    """Return scores with mean 0 and deviation 1; constant ones become 0."""
    deviation = score.std()
    centered: Float64Array = score - score.mean()
    return centered / deviation if deviation > 0 else centered
