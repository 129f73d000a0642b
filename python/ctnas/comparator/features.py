"""What models that are no graph networks see of architectures: groups of features."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import OUTPUT
from ctnas.comparator.decision_features import (
    decision_features,
    kind_features,
    level_features,
)
from ctnas.comparator.structure import NO_OPERATIONS, graph_features
from ctnas.comparator.views import graph_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.spaces import SearchSpace


PROBES = 256
"""Random architectures that tell what graphs of a space are like."""
ROUNDING = 1e-9
"""Features that vary by less than this share of their mean do not vary."""
DECISIONS = 2
"""Place of the group of decisions."""
LEVELS = 1
"""Place of the group of levels: its columns have one scale, so that distances stay what they are.
"""


def feature_groups(space: SearchSpace, batch: ArchitectureBatch) -> list[Float64Array]:
    """Return what can be read off architectures without training anything.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical: decisions that change nothing are features too.

    Returns:
        float64 [N, F] each: structure of the graphs, levels of numbers, decisions, averages over
        paths, what decisions of one kind sum to and, where the space has identities, structure and
        averages of what stands in the graphs without them.
    """
    graphs, *views = graph_views(space, batch)
    vocabulary = len(space.vocabulary) if _operations_recur(space) else NO_OPERATIONS
    structure, averages = graph_features(graphs, vocabulary)
    groups = [
        structure,
        level_features(space, batch),
        decision_features(space, batch),
        averages,
        kind_features(space, batch),
    ]
    return groups + [np.hstack(graph_features(view, vocabulary)) for view in views]


@lru_cache(maxsize=64)
def _operations_recur(space: SearchSpace) -> bool:
    """Return whether an operation may stand at several nodes of a graph.

    Where none does, operations say which choices were made, and nothing else.
    """
    graphs = space.graphs(space.sample(min(PROBES, space.size), seed=0))
    ordered = np.sort(graphs.operations, axis=1)
    again = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] > OUTPUT)
    return bool(again.any())


class FeatureScale:
    """Brings features to mean 0 and deviation 1, and leaves out those that never vary.

    Levels are brought to a mean deviation of 1.

    Args:
        reference: groups of features of architectures among which both are meant.
        levels: whether they are those of `feature_groups`, of which one is of levels.
    """

    def __init__(self, reference: Sequence[Float64Array], *, levels: bool = True) -> None:
        deviations = [group.std(axis=0) for group in reference]
        self._means = [group.mean(axis=0) for group in reference]
        self._varies = [
            deviation > ROUNDING * (1 + np.abs(mean))
            for deviation, mean in zip(deviations, self._means, strict=True)
        ]
        if levels and len(reference) > LEVELS and self._varies[LEVELS].any():
            deviations[LEVELS][:] = deviations[LEVELS][self._varies[LEVELS]].mean()
        self._deviations = deviations

    def __call__(self, groups: Sequence[Float64Array]) -> list[Float64Array]:
        """Return the groups that vary, scaled."""
        scaled = [
            (group[:, varies] - mean[varies]) / deviation[varies]
            for group, varies, mean, deviation in zip(
                groups, self._varies, self._means, self._deviations, strict=True
            )
        ]
        return [group for group in scaled if group.shape[1]]
