from collections.abc import Callable

import numpy as np
import pytest

from ctnas import LabelSet, get_space
from ctnas.comparator.pool import unlabeled_pool
from ctnas.comparator.presets import DistillationConfig

Labeled = Callable[..., LabelSet]


def test_a_small_space_is_taken_as_a_whole(labeled: Labeled) -> None:
    labels = labeled("nasbench201")
    pool = unlabeled_pool(labels, DistillationConfig(pool=16_000), seed=0)
    assert len(np.unique(pool.decisions, axis=0)) == len(pool) == labels.space.size


@pytest.fixture
def large() -> LabelSet:
    """Labels of large networks only, all decisions but those of the first unit the same."""
    space = get_space("mobilenetv3")
    rows = np.repeat(space.largest().decisions, 3, axis=0)
    rows[:, 0] = np.arange(3)
    return LabelSet(space, space.batch(rows), np.arange(3.0))


def distances(labels: LabelSet, decisions: np.ndarray) -> np.ndarray:
    """Return how many decisions differ from the nearest labeled architecture."""
    known = labels.architectures.decisions
    return (decisions[:, None] != known[None]).sum(axis=2).min(axis=1)


def test_a_share_of_the_pool_is_related_to_what_is_labeled(large: LabelSet) -> None:
    pool = unlabeled_pool(large, DistillationConfig(pool=400, relatives=0.25), seed=0)
    assert len(pool) == 400
    drawn, related = distances(large, pool.decisions[:300]), distances(large, pool.decisions[300:])
    assert related.mean() < drawn.mean() / 2
    assert related.max() > 5 * max(related.min(), 1)


def test_without_relatives_the_pool_is_a_uniform_sample(large: LabelSet) -> None:
    pool = unlabeled_pool(large, DistillationConfig(pool=50, relatives=0.0), seed=3)
    assert np.array_equal(pool.decisions, large.space.sample(50, 3).decisions)


def test_equal_seeds_give_equal_pools(large: LabelSet) -> None:
    config = DistillationConfig(pool=100)
    first, second, other = (unlabeled_pool(large, config, seed).decisions for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_relatives_are_written_as_labeled_architectures_are(large: LabelSet) -> None:
    space = large.space
    pool = unlabeled_pool(large, DistillationConfig(pool=300, relatives=1.0), seed=0)
    read = space.parse(space.format(pool))
    assert np.array_equal(pool.decisions, read.decisions)
    units = pool.decisions.reshape(300, 5, 1 + 2 * 4)
    lacking = np.arange(4) >= 2 + units[:, :, :1]
    assert 0.05 < lacking.mean() < 0.4
    assert not units[:, :, 1:][np.repeat(lacking, 2, axis=2)].any()
