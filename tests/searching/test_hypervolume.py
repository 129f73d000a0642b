"""Fronts, their volume and its expected growth, against counting and sampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ctnas.errors import ConfigurationError
from ctnas.searching.hypervolume import depths, expected_improvement, hypervolume, on_front

SMALL = st.integers(1, 3).flatmap(
    lambda objectives: arrays(
        np.float64, st.tuples(st.integers(1, 8), st.just(objectives)), elements=st.integers(0, 4)
    )
)


@given(SMALL)
def test_the_front_is_what_no_other_row_dominates(gains: np.ndarray) -> None:
    for row, kept in enumerate(on_front(gains)):
        dominating = [
            other
            for other in range(len(gains))
            if (gains[other] >= gains[row]).all()
            and ((gains[other] > gains[row]).any() or other < row)
        ]
        assert kept == (not dominating)


@given(SMALL)
def test_a_volume_is_the_number_of_unit_cells_that_are_dominated(gains: np.ndarray) -> None:
    cells = np.stack(np.meshgrid(*[np.arange(4)] * gains.shape[1], indexing="ij"), axis=-1)
    cells = cells.reshape(-1, gains.shape[1])
    covered = [(gains >= cell + 1).all(axis=1).any() for cell in cells]
    assert hypervolume(gains, np.zeros(gains.shape[1])) == pytest.approx(sum(covered))


@pytest.mark.parametrize("objectives", [1, 2, 3])
def test_expected_growth_is_the_mean_growth_of_draws(objectives: int) -> None:
    generator = np.random.default_rng(objectives)
    front = generator.uniform(0, 1, (6, objectives))
    reference = np.zeros(objectives)
    mean = generator.uniform(0, 1.2, (4, objectives))
    deviation = generator.uniform(0.05, 0.4, (4, objectives))
    deviation[0, -1] = 0
    expected = expected_improvement(front, reference, mean, deviation)
    before = hypervolume(front, reference)
    for row in range(4):
        draws = generator.normal(mean[row], deviation[row], (4000, objectives))
        grown = [
            hypervolume(np.concatenate([front, draw[None]]), reference) - before for draw in draws
        ]
        error = np.std(grown) / np.sqrt(len(grown))
        assert expected[row] == pytest.approx(np.mean(grown), abs=4 * error + 1e-9)


def test_a_known_point_is_expected_to_add_what_it_adds() -> None:
    front = np.array([[1.0, 3.0], [2.0, 1.0]])
    points = np.array([[1.5, 2.0], [0.5, 0.5], [3.0, 4.0]])
    found = expected_improvement(front, np.zeros(2), points, np.zeros((3, 2)))
    # 0.5 x 1 beside the front; dominated; 3 x 4 instead of 3 + 1.
    assert found == pytest.approx([0.5, 0.0, 8.0])


def test_depths_count_the_fronts_before() -> None:
    gains = np.array([[0.0, 0.0], [2.0, 2.0], [1.0, 1.0], [0.0, 3.0]])
    assert depths(gains).tolist() == [2, 0, 1, 0]


def test_four_objectives_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="3 objectives at the most, not 4"):
        expected_improvement(np.ones((1, 4)), np.zeros(4), np.ones((1, 4)), np.ones((1, 4)))
