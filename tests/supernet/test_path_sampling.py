import numpy as np
import pytest

from ctnas.spaces import DartsSpace, NasBench101Space, NasBench201Space
from ctnas.supernet.path_sampling import draw_steps, fair_group


@pytest.mark.parametrize(("space", "count"), [(DartsSpace(), 8), (NasBench201Space(), 5)])
def test_a_fair_group_takes_every_choice_of_every_operation_once(space, count):
    one = space.sample(1, seed=0)
    group = fair_group(space, one, np.random.default_rng(0))
    assert len(group) == count
    for place, decision in enumerate(space.decisions):
        taken = sorted(group.decisions[:, place].tolist())
        operation = "operation" in decision.name
        assert taken == (list(range(count)) if operation else [one.decisions[0, place]] * count)


def test_a_fair_group_of_nasbench101_has_one_wiring_and_every_operation_at_each_vertex():
    space = NasBench101Space()
    for seed in range(5):
        group = fair_group(space, space.sample(1, seed), np.random.default_rng(seed))
        cells = space.to_matrix(group)
        assert len(cells) == 3
        assert all(np.array_equal(matrix, cells[0][0]) for matrix, _ in cells)
        for column in list(zip(*(operations for _, operations in cells), strict=True))[1:-1]:
            assert len(set(column)) == 3


def test_uniform_sampling_draws_one_architecture_a_step():
    space = NasBench201Space()
    steps = list(draw_steps(space, "uniform", 40, np.random.default_rng(0)))
    assert [len(batch) for batch in steps] == [1] * 40
    assert len({batch.decisions.tobytes() for batch in steps}) == 40


def test_more_steps_than_architectures_go_round():
    space = NasBench201Space()
    drawn = draw_steps(space, "uniform", space.size + 1, np.random.default_rng(0))
    rows = [batch.decisions.tobytes() for batch in drawn]
    assert len(set(rows)) == space.size
    assert rows[-1] == rows[0]
