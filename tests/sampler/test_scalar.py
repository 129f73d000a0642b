import numpy as np

from ctnas.sampler.scalar import bounded, feasible_first, scalarized


def test_one_objective_is_its_own_value() -> None:
    values = np.array([[0.5], [2.0], [-1.0]])
    assert scalarized(values, np.random.default_rng(0)).tolist() == [0.5, 2.0, -1.0]


def test_no_weights_prefer_a_dominated_trial() -> None:
    generator = np.random.default_rng(0)
    objectives = np.array([[1.0, 5.0], [1.0, 4.0], [0.0, 5.0], [3.0, 1.0], [2.0, 0.0]])
    for _ in range(100):
        value = scalarized(objectives, generator)
        assert value[0] > value[1]
        assert value[0] > value[2]
        assert value[3] > value[4]


def test_weights_lead_to_every_end_of_the_front() -> None:
    generator = np.random.default_rng(0)
    objectives = np.array([[0.0, 1.0], [0.6, 0.6], [1.0, 0.0]])
    best = {int(scalarized(objectives, generator).argmax()) for _ in range(100)}
    assert best == {0, 1, 2}


def test_objective_that_is_the_same_everywhere_is_no_division_by_zero() -> None:
    value = scalarized(np.array([[1.0, 2.0], [1.0, 3.0]]), np.random.default_rng(0))
    assert value[1] > value[0]


def test_feasible_trials_come_first_and_small_violations_before_large() -> None:
    values, violation = np.array([1.0, 9.0, 2.0, 8.0]), np.array([0.0, 3.0, 0.0, 0.5])
    assert np.argsort(-feasible_first(values, violation)).tolist() == [2, 0, 3, 1]
    assert feasible_first(values, np.zeros(4)).tolist() == values.tolist()


def test_infinities_become_the_furthest_finite_values() -> None:
    objectives = np.array([[np.inf, 1.0], [2.0, -np.inf], [1.0, 0.0]])
    assert bounded(objectives).tolist() == [[2.0, 1.0], [2.0, 0.0], [1.0, 0.0]]
    assert bounded(np.array([[np.inf], [np.inf]])).tolist() == [[0.0], [0.0]]
