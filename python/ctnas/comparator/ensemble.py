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

    from ctnas.architecture import Float64Array, GraphBatch, Int64Array
    from ctnas.comparator.encoders import PairEncoder
    from ctnas.comparator.presets import ComparatorPreset, DistillationConfig
    from ctnas.labels import LabelSet

CHUNK = 2048
"""Graphs that a network encodes at once."""
EQUAL_WEIGHT_LABELS = 10.0
"""So many labels' worth of evidence says that all kinds of models are equally good."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the ensemble thinks of a pool of architectures.

    Attributes:
        score: float64 [N], predicted labels as normal scores; higher is better.
        error: standard deviation of a prediction's error, in the same unit.
    """

    score: Float64Array
    error: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one kind of model thinks.

    Attributes:
        unseen: float64 [M], of each label's architecture, predicted without that label.
        pool: float64 [N], of the pool.
    """

    unseen: Float64Array
    pool: Float64Array


def ensemble_consensus(
    labels: LabelSet,
    pool: ArchitectureBatch,
    preset: ComparatorPreset,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> Consensus:
    """Fit every model to the labels and score a pool of unlabeled architectures.

    The models are weighted by how they predict labels that they have not seen (stacking).

    Args:
        labels: M labels.
        pool: N architectures.
        preset: how graph networks learn.
        config: their number and shape; each leaves another part of the labels out.
        seed: of initial weights and draws.
        advance: called after every optimizer step of a graph network.
    """
    target = normal_scores(labels.values)
    fold = np.random.default_rng(seed).permutation(len(labels)) % config.members
    groups = _feature_groups(labels, pool)
    known = [group[: len(labels)] for group in groups]
    unknown = [group[len(labels) :] for group in groups]
    process = GaussianProcess(known, target)
    opinions = [
        Opinion(process.leave_one_out(), process.predict(unknown)),
        _boosted_trees(np.hstack(known), target, np.hstack(unknown), fold, seed),
        _graph_networks(labels, pool, preset, config, fold, seed, advance),
    ]
    return _stack(opinions, target)


def _stack(opinions: list[Opinion], target: Float64Array) -> Consensus:
    """Weigh opinions by non-negative least squares on the labels that they had not seen.

    A few labels' worth of evidence for equal weights keeps the weights sensible where labels are
    few.
    """
    from scipy.optimize import nnls

    unseen = np.stack([opinion.unseen for opinion in opinions], axis=1)
    kinds = len(opinions)
    prior = np.sqrt(EQUAL_WEIGHT_LABELS) * np.eye(kinds)
    equal = np.sqrt(EQUAL_WEIGHT_LABELS) * np.full(kinds, 1 / kinds)
    weights, _ = nnls(np.vstack([unseen, prior]), np.concatenate([target, equal]))
    score = np.stack([opinion.pool for opinion in opinions], axis=1) @ weights
    return Consensus(score, float(np.std(target - unseen @ weights)))


def normal_scores(values: Float64Array) -> Float64Array:
    """Return the normal quantiles of the ranks, ties sharing their mean rank."""
    from scipy.stats import norm, rankdata

    scores: Float64Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


def _graph_networks(
    labels: LabelSet,
    pool: ArchitectureBatch,
    preset: ComparatorPreset,
    config: DistillationConfig,
    fold: Int64Array,
    seed: int,
    advance: Callable[[], None],
) -> Opinion:
    """Fit one graph network for each fold, by comparing all labels outside of it."""
    space = labels.space
    known, unknown = space.graphs(labels.architectures), space.graphs(pool)
    unseen, scores = np.zeros(len(labels)), np.zeros(len(pool))
    for member in range(config.members):
        left_out = fold == member
        encoder = _graph_network(labels[~left_out], preset, config, seed + member, advance)
        score = _score(encoder, unknown)
        center, scale = score.mean(), score.std() or 1.0
        scores += (score - center) / scale / config.members
        unseen[left_out] = (_score(encoder, known[left_out]) - center) / scale
    return Opinion(unseen, scores)


def _graph_network(
    labels: LabelSet,
    preset: ComparatorPreset,
    config: DistillationConfig,
    seed: int,
    advance: Callable[[], None],
) -> PairEncoder:
    torch.manual_seed(seed)
    encoder = make_encoder(len(labels.space.vocabulary), config.member)
    trainer = ComparatorTrainer(encoder, preset.fit)
    batches = LabeledComparisons(labels, preset.fit, seed)
    for _ in range(preset.fit.steps):
        trainer.step(batches.draw())
        advance()
    return encoder.eval()


def _score(encoder: PairEncoder, graphs: GraphBatch) -> Float64Array:
    """Return challenger logits, float64 [N]."""
    tensors = GraphTensors.of(graphs)
    with torch.inference_mode():
        parts = [
            encoder(tensors.adjacency[i : i + CHUNK], tensors.operations[i : i + CHUNK])[0]
            for i in range(0, len(graphs), CHUNK)
        ]
    return torch.cat(parts).double().numpy() if parts else np.empty(0)


def _boosted_trees(
    known: Float64Array,
    target: Float64Array,
    unknown: Float64Array,
    fold: Int64Array,
    seed: int,
) -> Opinion:
    """Fit trees outside of each fold, and once more to all labels."""
    from sklearn.ensemble import GradientBoostingRegressor

    trees = GradientBoostingRegressor(
        n_estimators=300, max_depth=4, learning_rate=0.03, subsample=0.5, random_state=seed
    )
    unseen = np.zeros(len(target))
    for left_out in (fold == part for part in np.unique(fold)):
        trees.fit(known[~left_out], target[~left_out])
        unseen[left_out] = trees.predict(known[left_out])
    return Opinion(unseen, trees.fit(known, target).predict(unknown))


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
