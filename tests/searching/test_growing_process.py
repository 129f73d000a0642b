"""A process whose labels come in one round after another."""

import numpy as np
import pytest

from ctnas.comparator.spread import normal_scores
from ctnas.searching import growing_process
from ctnas.searching.growing_process import GrowingProcess, settled_count

Data = tuple[list[np.ndarray], np.ndarray, list[np.ndarray]]


@pytest.fixture
def data() -> Data:
    """Return features of 60 labeled rows, their labels, and features of 20 others."""
    rng = np.random.default_rng(0)
    known = [rng.standard_normal((60, 3)), rng.standard_normal((60, 4))]
    values = known[0][:, 0] + np.sin(known[1][:, 1]) + 0.1 * rng.standard_normal(60)
    return known, values, [rng.standard_normal((20, 3)), rng.standard_normal((20, 4))]


def first(known: list[np.ndarray], count: int) -> list[np.ndarray]:
    return [group[:count] for group in known]


def test_a_process_does_not_depend_on_the_rounds_before(data: Data) -> None:
    known, values, unknown = data
    growing = GrowingProcess(normal_scores)
    for count in (12, 25, 40, 55, 60):
        process = growing.of(first(known, count), values[:count])
        fresh = GrowingProcess(normal_scores).of(first(known, count), values[:count])
        for mine, other in zip(process.posterior(unknown), fresh.posterior(unknown), strict=True):
            np.testing.assert_array_equal(mine, other)


def test_hyperparameters_are_learned_again_only_when_labels_have_grown(
    data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, values, _ = data
    learned: list[int] = []
    original = growing_process.GaussianProcess

    def counted(groups: list[np.ndarray], target: np.ndarray) -> object:
        learned.append(len(target))
        return original(groups, target)

    monkeypatch.setattr(growing_process, "GaussianProcess", counted)
    growing = GrowingProcess(normal_scores)
    for count in range(40, 61):
        growing.of(first(known, count), values[:count])
    assert learned == sorted(set(learned))
    assert 2 <= len(learned) <= 5
    changed = values.copy()
    changed[0] += 1.0
    growing.of(known, changed)
    assert learned[-1] == learned[-2]


def test_hyperparameters_are_learned_from_nearly_all_labels() -> None:
    for count in range(2, 1_000):
        assert count / 1.25 <= settled_count(count) <= count
