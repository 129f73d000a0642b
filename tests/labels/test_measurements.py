from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import NasBench101Space, NasBench201Space

SPACE = NasBench201Space()
FIVE = SPACE.sample(5, seed=0)


def repeated(rows: list[int], values: list[float]) -> LabelSet:
    return LabelSet(SPACE, FIVE[np.array(rows, dtype=np.int64)], values)


def test_architectures_measured_again_keep_mean_number_and_spread() -> None:
    labels = repeated([2, 0, 2, 1, 2], [3.0, 1.0, 4.0, 7.0, 8.0])
    assert labels.architectures == FIVE[[2, 0, 1]]
    assert labels.values.tolist() == [5.0, 1.0, 7.0]
    assert labels.counts.tolist() == [3, 1, 1]
    np.testing.assert_allclose(labels.spreads, [stdev([3, 4, 8]), np.nan, np.nan])


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(-100, 100)), min_size=1, max_size=20),
    st.integers(0, 20),
)
def test_joining_parts_is_as_measuring_all_at_once(
    measured: list[tuple[int, float]], cut: int
) -> None:
    parts = [part for part in (measured[:cut], measured[cut:]) if part]
    labels = repeated([row for row, _ in parts[0]], [value for _, value in parts[0]])
    for part in parts[1:]:
        labels = labels.joined(repeated([row for row, _ in part], [value for _, value in part]))
    for place, row in enumerate(dict.fromkeys(row for row, _ in measured)):
        values = [value for other, value in measured if other == row]
        assert labels.architectures[[place]] == FIVE[[row]]
        assert labels.counts[place] == len(values)
        assert labels.values[place] == pytest.approx(mean(values), abs=1e-9)
        if len(values) > 1:
            assert labels.spreads[place] == pytest.approx(stdev(values), abs=1e-6)
        else:
            assert np.isnan(labels.spreads[place])


def test_spread_of_unknown_measurements_stays_unknown() -> None:
    known = LabelSet(SPACE, FIVE[[0, 1]], [1.0, 2.0], counts=[2, 3], spreads=[0.5, np.nan])
    joined = known.joined(LabelSet(SPACE, FIVE[[1, 0]], [2.0, 1.0]))
    assert joined.counts.tolist() == [3, 4]
    np.testing.assert_allclose(joined.spreads, [np.sqrt(0.25 / 2), np.nan])


def test_parts_keep_numbers_and_spreads() -> None:
    labels = repeated([0, 0, 1, 2, 3, 4, 4], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0])
    train, held_out = labels.split(0.6, seed=0)
    assert sorted([*train.counts, *held_out.counts]) == [1, 1, 1, 2, 2]
    assert labels[[4]].spreads.tolist() == [0.0]
    assert labels.best().counts.tolist() == [2]


@pytest.mark.parametrize(
    ("counts", "spreads", "message"),
    [
        ([1, 0], None, "row 1: the number of measurements .* is 0, not a whole number"),
        ([1, 1.5], None, "is 1.5, not a whole number of at least 1"),
        ([1], None, "2 architectures need as many counts, not 1"),
        ([2, 2], [0.1, -0.1], "row 1: the spread of .* is -0.1"),
    ],
)
def test_impossible_numbers_and_spreads_are_refused(
    counts: object, spreads: object, message: str
) -> None:
    with pytest.raises(LabelError, match=message):
        LabelSet(SPACE, FIVE[[0, 1]], [1.0, 2.0], counts=counts, spreads=spreads)


def test_two_texts_of_one_cell_in_a_table_are_one_architecture(tmp_path: Path) -> None:
    space = NasBench101Space()
    batch = space.sample(12, seed=0)
    lines = [f'"{text}",{row}' for row, text in enumerate(space.format(batch))]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["architecture,accuracy", *lines, lines[3].replace(",3", ",5")]))
    labels = LabelSet.read(path, space)
    assert len(labels) == 12
    assert labels.values[3] == 4
    assert labels.counts[3] == 2


def test_lower_is_better_where_it_is_said() -> None:
    labels = LabelSet(SPACE, FIVE, [5.0, 1.0, 3.0, 0.0, 4.0], "latency_ms", minimize=True)
    assert labels.measured.tolist() == [5.0, 1.0, 3.0, 0.0, 4.0]
    assert labels.values.tolist() == [-5.0, -1.0, -3.0, 0.0, -4.0]
    assert labels.best(2).measured.tolist() == [0.0, 1.0]
    assert labels.split(0.5, seed=0)[0].minimize
    assert not np.signbit(labels.values[3])


def test_a_written_table_holds_what_was_measured(tmp_path: Path) -> None:
    labels = LabelSet(SPACE, FIVE, [5.0, 1.0, 3.0, 0.0, 4.0], "loss", minimize=True)
    labels.write(tmp_path / "a.csv")
    again = LabelSet.read(tmp_path / "a.csv", SPACE, minimum=1, minimize=True)
    assert again.measured.tolist() == labels.measured.tolist()
    assert again.best().architectures == FIVE[[3]]


def test_batches_of_the_same_row_twice_are_no_part() -> None:
    labels = LabelSet(SPACE, ArchitectureBatch.concatenate([FIVE]), np.arange(5.0))
    with pytest.raises(LabelError, match="row 2 of the labels is chosen twice"):
        labels[[2, 3, 2]]
