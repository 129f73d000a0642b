"""What models that are no graph networks see of architectures: groups of features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.comparator.structure import path_averages, structural_features
from ctnas.comparator.views import graph_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.spaces import SearchSpace


def feature_groups(space: SearchSpace, batch: ArchitectureBatch) -> list[Float64Array]:
    """Return what can be read off architectures without training anything.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical: decisions that change nothing are features too.

    Returns:
        float64 [N, F] each: structure of the graphs, decisions, averages over paths and, where the
        space has identities, both of what stands in the graphs without them.
    """
    taken = [
        batch.decisions[:, [column]] == np.arange(count)
        for column, count in enumerate(space.choices)
    ]
    graphs, *views = graph_views(space, batch)
    vocabulary = len(space.vocabulary)
    groups = [
        structural_features(graphs, vocabulary),
        np.hstack(taken).astype(np.float64),
        path_averages(graphs, vocabulary),
    ]
    groups += [
        np.hstack([structural_features(view, vocabulary), path_averages(view, vocabulary)])
        for view in views
    ]
    return groups


class FeatureScale:
    """Brings features to mean 0 and deviation 1, and leaves out those that never vary.

    Args:
        reference: groups of features of architectures among which both are meant.
    """

    def __init__(self, reference: Sequence[Float64Array]) -> None:
        self._varies = [group.std(axis=0) > 0 for group in reference]
        self._means = [group.mean(axis=0) for group in reference]
        self._deviations = [group.std(axis=0) for group in reference]

    def __call__(self, groups: Sequence[Float64Array]) -> list[Float64Array]:
        """Return the groups that vary, scaled."""
        scaled = [
            (group[:, varies] - mean[varies]) / deviation[varies]
            for group, varies, mean, deviation in zip(
                groups, self._varies, self._means, self._deviations, strict=True
            )
        ]
        return [group for group in scaled if group.shape[1]]
