"""Several models of a few labels, each of another kind: their errors differ, their mean does not.

Networks learn what a graph means, by convolutions on it or by following the data through it; a
Gaussian process and boosted trees learn from what can be read off it (`features.py`). All predict
labels as normal scores, which failed trainings do not distort.

Which of them suits a space is seen from labels: each kind says what it thinks of some that it has
not learned from (`stacking.py`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ctnas.app.silence import own_filters
from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.architecture import ArchitectureBatch
from ctnas.checked import small_seed
from ctnas.comparator.core_networks import Member, learned_scores
from ctnas.comparator.decision_features import block_features
from ctnas.comparator.features import DECISIONS, LEVELS, FeatureScale, feature_groups
from ctnas.comparator.gaussian_process import GaussianProcess
from ctnas.comparator.prior import prior_scores, with_priors
from ctnas.comparator.spread import normal_scores, standardized
from ctnas.comparator.stacking import Opinion, stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import BoolArray, Float64Array
    from ctnas.comparator.core_networks import Advance
    from ctnas.comparator.presets import DistillationConfig, FitConfig
    from ctnas.comparator.prior import Prior
    from ctnas.labels import LabelSet

HELD_BACK = 1 / 6
"""Share of the labels that one of several networks learns from only when it has judged them."""
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
        held_out: float64 [M], of the labels by models that did not learn from them, in the same
            unit; NaN where every model did.
    """

    score: Float64Array
    error: float
    held_out: Float64Array


def ensemble_consensus(
    labels: LabelSet,
    pool: ArchitectureBatch,
    fit: FitConfig,
    config: DistillationConfig,
    seed: int,
    advance: Advance,
    priors: Sequence[Prior] = (),
) -> Consensus:
    """Fit every model to the labels and score a pool of unlabeled architectures.

    Args:
        labels: M labels.
        pool: N architectures.
        fit: how networks learn.
        config: their numbers, shapes and weights.
        seed: of weights, draws and dropout.
        advance: called with the number of optimizer steps that networks took.
        priors: what else is known, checked; believed as much as labels tell.

    Returns:
        The models' scores, weighted by what they say of labels that they have not learned from.
    """
    target = normal_scores(labels.values)
    # The core's threads need no lock of Python: the other models are fitted beside them.
    with ThreadPoolExecutor(1) as beside:
        others = beside.submit(_opinions_of_features, labels, pool, target, seed)
        networks = _opinion_of_networks(labels, pool, fit, config, seed, advance)
        together = stacked([*others.result(), networks], target)
    if priors:
        known = labels.space.canonical(labels.architectures)
        both = ArchitectureBatch.concatenate([known, pool])
        with own_state(seed), one_thread():
            said = prior_scores(priors, labels.space, both, seed)
        together = with_priors(together, said[:, : len(labels)], said[:, len(labels) :], target)
    error = float(np.nanstd(target - together.held_out))
    spread = float(together.score.std()) or 1.0
    held_out = (together.held_out - together.score.mean()) / spread
    return Consensus(standardized(together.score), error / spread, held_out)


def _opinions_of_features(
    labels: LabelSet, pool: ArchitectureBatch, target: Float64Array, seed: int
) -> list[Opinion]:
    """Return what a Gaussian process and boosted trees think."""
    known = labels.space.canonical(labels.architectures)
    raw = feature_groups(labels.space, ArchitectureBatch.concatenate([known, pool]))
    groups = FeatureScale(raw)(raw)
    learned = [group[: len(labels)] for group in groups]
    unknown = [group[len(labels) :] for group in groups]
    with own_state(seed), one_thread():
        opinions = [
            _process(learned, target, unknown),
            _boosted_trees(np.hstack(learned), target, np.hstack(unknown), seed),
        ]
        if raw[LEVELS].shape[1]:
            # Where numbers act on a line, levels and kinds are in the way.
            group = FeatureScale([decisions := raw[DECISIONS]])([decisions])[0]
            opinions.append(_process([group[: len(labels)]], target, [group[len(labels) :]]))
            opinions += _opinions_of_blocks(labels, pool, target)
    return opinions


def _opinions_of_blocks(
    labels: LabelSet, pool: ArchitectureBatch, target: Float64Array
) -> list[Opinion]:
    """Return what Gaussian processes think that add up what each block contributes.

    Costs add up in their own unit, and what else is measured rather on the scale of its ranks.
    """
    known = labels.space.canonical(labels.architectures)
    raw = block_features(labels.space, ArchitectureBatch.concatenate([known, pool]))
    if not raw:
        return []
    scaled = FeatureScale(raw, levels=False)(raw)
    learned = [group[: len(labels)] for group in scaled]
    unknown = [group[len(labels) :] for group in scaled]
    costs = _process(learned, standardized(labels.values), unknown)
    return [replace(costs, additive=True), _process(learned, target, unknown)]


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
    advance: Advance,
) -> Opinion:
    """Return what networks that convolve and networks that follow the data think."""
    shown = shown_labels(len(labels), config.flows, seed)
    members = [Member(config.convolution, np.arange(len(labels)))] * config.convolutions
    members += [Member(config.flow, np.flatnonzero(rows)) for rows in shown]
    learned = learned_scores(labels, pool, fit, members, seed, advance)
    convolutions, flows = np.split(learned.judged, [config.convolutions])
    weights = [1.0, config.flow_weight]
    kinds = [kind.mean(axis=0) for kind in (convolutions, flows)]
    some = ~np.isnan(learned.held_out).all(axis=0)
    said = np.full(len(labels), np.nan)
    said[some] = np.nanmean(learned.held_out[:, some], axis=0)
    return Opinion(np.average(kinds, axis=0, weights=weights), said, 1.0 + config.flow_weight)


def shown_labels(count: int, members: int, seed: int) -> BoolArray:
    """Return bool [K, M], False for the labels that each of K networks does not begin with.

    None is held back from two.
    """
    share = min(HELD_BACK, 1 / (members + 1))
    place = np.random.default_rng([seed, count]).permutation(count)
    fold = (place / (share * count)).astype(np.int64)
    shown: BoolArray = fold != np.arange(members)[:, None]
    return shown


def _boosted_trees(
    known: Float64Array, target: Float64Array, unknown: Float64Array, seed: int
) -> Opinion:
    """Fit trees to all folds but one each."""
    # Scikit-learn changes filters of warnings where it checks its arguments.
    with own_filters():
        return _boosted_trees_alone(known, target, unknown, seed)


def _boosted_trees_alone(
    known: Float64Array, target: Float64Array, unknown: Float64Array, seed: int
) -> Opinion:
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
