"""What is read off decisions, on spaces of numbers and of names."""

import numpy as np
import pytest

from ctnas import DecisionSpace
from ctnas.comparator.decision_features import (
    block_features,
    decision_features,
    kind_features,
    level_features,
    on_scale,
)
from ctnas.comparator.features import FeatureScale, feature_groups


@pytest.fixture
def space() -> DecisionSpace:
    return DecisionSpace(
        "mine",
        {"depth": [1, 2], "w1": [8, 16, 64], "w2": [8, 16, 64], "op": ["a", "b", "c"]},
        active={"w2": {"depth": 2}},
    )


def test_positive_numbers_that_are_spread_are_on_a_logarithmic_scale() -> None:
    assert on_scale(np.array([8.0, 16.0, 64.0])).tolist() == [3, 4, 6]
    assert on_scale(np.array([0.0, 0.1, 0.5])).tolist() == [0, 0.1, 0.5]
    assert on_scale(np.array([-1.0, 2.0])).tolist() == [-1, 2]
    assert on_scale(np.array([100.0, 101.0])).tolist() == [100, 101]


def test_a_number_is_a_column_in_its_order_and_a_name_a_column_of_its_own(
    space: DecisionSpace,
) -> None:
    batch = space.enumerate()
    features = decision_features(space, batch)
    assert features.shape == (len(batch), 2 + 2 + 2 + 3)
    logarithm = np.array([3.0, 4.0, 6.0])[batch.decisions[:, 1]]
    assert np.corrcoef(features[:, 2], logarithm)[0, 1] == pytest.approx(1)
    np.testing.assert_array_equal(features[:, 6:], np.eye(3)[batch.decisions[:, 3]])


def test_what_is_not_active_is_absent(space: DecisionSpace) -> None:
    batch = space.enumerate()
    absent = ~space.active(batch)[:, 2]
    assert absent.any()
    assert not decision_features(space, batch)[absent, 4:6].any()
    assert not level_features(space, batch)[absent, 2:4].any()


def test_levels_are_as_far_apart_as_the_roots_of_the_distances(space: DecisionSpace) -> None:
    batch = space.parse([f"depth=2,w1={w},w2=8,op=a" for w in (8, 16, 64)])
    levels = level_features(space, batch)
    squared = ((levels[:, None] - levels) ** 2).sum(axis=2)
    assert squared[0, 2] / squared[0, 1] == pytest.approx(3)
    assert squared[1, 2] / squared[0, 1] == pytest.approx(2)


def test_kinds_add_up(space: DecisionSpace) -> None:
    texts = ["depth=2,w1=8,w2=64,op=a", "depth=2,w1=64,w2=8,op=a", "depth=1,w1=16,op=b"]
    sums = kind_features(space, space.parse(texts))
    # w1 and w2: their sum and its lean, then how often each number stands, and those leans.
    assert sums.shape == (3, 2 + 3 * 2)
    assert sums[0, 0] == pytest.approx(sums[1, 0])
    assert sums[0, 1] == pytest.approx(-sums[1, 1])
    assert sums[0, 1] > 0
    assert sums[:, 2::2].tolist() == [[1, 0, 1], [1, 0, 1], [0, 1, 0]]


def test_decisions_that_share_most_choices_are_of_one_kind() -> None:
    space = DecisionSpace("kinds", {"a": [1, 2, 3], "b": [1, 2, 3, 4], "c": [3, 5, 7], "d": [9]})
    assert kind_features(space, space.sample(5, seed=0)).shape == (5, 2 + 4 * 2)


def test_features_of_single_architectures_are_those_of_the_batch(space: DecisionSpace) -> None:
    batch = space.sample(20, seed=0)
    together = np.hstack(feature_groups(space, batch))
    alone = np.vstack([np.hstack(feature_groups(space, batch[[row]])) for row in range(20)])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-12)


def test_operations_that_say_what_was_decided_are_not_counted_again(space: DecisionSpace) -> None:
    batch = space.sample(30, seed=0)
    structure = feature_groups(space, batch)[0]
    assert structure.shape[1] < 10
    scaled = FeatureScale(feature_groups(space, batch))(feature_groups(space, batch))
    assert all(np.isfinite(group).all() for group in scaled)


def test_decisions_are_of_one_block_if_their_names_begin_alike() -> None:
    space = DecisionSpace(
        "blocks",
        {
            "block1_kernel": [3, 5, 7],
            "block1_width": [8, 64],
            "block2_kernel": [3, 5, 7],
            "block2_op": ["a", "b"],
            "depth": [1, 2],
        },
    )
    batch = space.enumerate()
    first, second, rest = block_features(space, batch)
    # A number and whether it is active, or a column for each name.
    assert [group.shape[1] for group in (first, second, rest)] == [4, 4, 2]
    kernel = np.array([3.0, 5.0, 7.0])[batch.decisions[:, 0]]
    assert np.corrcoef(first[:, 0], kernel)[0, 1] == pytest.approx(1)


def test_names_without_parts_make_no_blocks(space: DecisionSpace) -> None:
    assert block_features(space, space.enumerate()) == []
