import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctnas
from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ArchitectureError, LabelError, OutputError
from ctnas.labels import LabelSet
from ctnas.spaces import DartsSpace, NasBench201Space


def make(count: int) -> LabelSet:
    space = NasBench201Space()
    return LabelSet(space, space.sample(count, seed=0), np.arange(count, dtype=np.float64))


def test_public_name_is_quick_and_loads_neither_tables_nor_databases_nor_torch() -> None:
    heavy = "{'pyarrow', 'optuna', 'sqlalchemy', 'torch', 'matplotlib'}"
    code = f"import ctnas, sys; ctnas.LabelSet; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert ctnas.LabelSet is LabelSet


def test_values_become_a_float64_array_of_their_own(space: NasBench201Space) -> None:
    values = [1, 2, 3]
    labels = LabelSet(space, space.sample(3, seed=0), values)
    values[0] = 9
    assert labels.values.dtype == np.float64
    assert labels.values.tolist() == [1, 2, 3]
    assert labels.metric == "validation_accuracy"


def test_architectures_of_another_space_are_refused(space: NasBench201Space) -> None:
    with pytest.raises(ArchitectureError, match=r"'darts' are not in space 'nasbench201'"):
        LabelSet(space, DartsSpace().sample(3, seed=0), np.zeros(3))


def test_lengths_must_agree(space: NasBench201Space) -> None:
    with pytest.raises(LabelError, match="3 architectures need as many labels, not 2"):
        LabelSet(space, space.sample(3, seed=0), np.zeros(2))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_value_that_is_not_finite_is_named_with_row_and_text(
    space: NasBench201Space, wrong: float
) -> None:
    batch = space.sample(3, seed=0)
    with pytest.raises(LabelError) as caught:
        LabelSet(space, batch, np.array([0.5, wrong, 0.5]), "accuracy")
    text = space.format(batch)[1]
    assert str(caught.value) == f"row 1: accuracy of {text!r} is {wrong}, not a finite number"


@pytest.mark.parametrize("wrong", [["high", "low"], [[1.0, 2.0]], 3.0])
def test_values_must_be_a_row_of_numbers(space: NasBench201Space, wrong: object) -> None:
    with pytest.raises(LabelError, match="labels must be"):
        LabelSet(space, space.sample(2, seed=0), wrong)


def test_repeated_architecture_is_named_with_both_rows(space: NasBench201Space) -> None:
    one, two = space.sample(3, seed=0), space.sample(3, seed=0)[[2]]
    with pytest.raises(LabelError) as caught:
        LabelSet(space, ArchitectureBatch.concatenate([one, two]), np.zeros(4), repeated="error")
    text = space.format(two)[0]
    assert str(caught.value) == f"rows 2 and 3 are the same architecture {text!r}"


@given(st.lists(st.integers(0, 4), max_size=12))
def test_first_repetition_is_found_wherever_it_is(rows: list[int]) -> None:
    space = NasBench201Space()
    batch = space.sample(5, seed=0)[np.array(rows, dtype=np.int64)]
    seen: dict[int, int] = {}
    expected = None
    for position, row in enumerate(rows):
        if row in seen:
            expected = (seen[row], position)
            break
        seen[row] = position
    if expected is None:
        assert len(LabelSet(space, batch, np.zeros(len(rows)), repeated="error")) == len(rows)
    else:
        with pytest.raises(LabelError, match=f"rows {expected[0]} and {expected[1]} are"):
            LabelSet(space, batch, np.zeros(len(rows)), repeated="error")


def test_ten_labels_are_enough_and_nine_are_not() -> None:
    make(10).require()
    with pytest.raises(LabelError, match="at least 10 labels are needed, not 9"):
        make(9).require()


@pytest.mark.parametrize("selection", [[3, 0], slice(1, 3), np.array([True, False] * 5)])
def test_selection_takes_architectures_and_values_together(selection: object) -> None:
    labels = make(10)
    chosen = labels[selection]
    rows = chosen.values.astype(int)
    assert chosen.architectures == labels.architectures[rows]
    assert len(chosen) == len(np.arange(10)[selection])


def test_split_is_a_partition_that_keeps_the_order(labels: LabelSet) -> None:
    train, held_out = labels.split(0.8, seed=3)
    assert (len(train), len(held_out)) == (32, 8)
    position = {value: row for row, value in enumerate(labels.values)}
    rows = [position[value] for part in (train, held_out) for value in part.values]
    assert sorted(rows) == list(range(40))
    assert rows[:32] == sorted(rows[:32])
    assert rows[32:] == sorted(rows[32:])


def test_same_seed_splits_alike_and_another_one_does_not(labels: LabelSet) -> None:
    first, again, other = (labels.split(0.5, seed)[0] for seed in (1, 1, 2))
    assert first.architectures == again.architectures
    assert first.architectures != other.architectures


@pytest.mark.parametrize("fraction", [0.0, 0.001, 0.999, 1.0, -1.0, 2.0])
def test_split_with_an_empty_part_is_refused(fraction: float) -> None:
    with pytest.raises(LabelError, match=f"10 labels cannot be split at fraction {fraction}"):
        make(10).split(fraction, seed=0)


def test_joined_parts_of_a_split_are_the_whole(labels: LabelSet) -> None:
    train, held_out = labels.split(0.8, seed=0)
    both = train.joined(held_out)
    assert both[:32].architectures == train.architectures
    assert sorted(both.values) == sorted(labels.values)


def test_labels_of_different_metrics_or_directions_are_not_joined(labels: LabelSet) -> None:
    other = LabelSet(labels.space, labels.architectures, labels.values, "top5")
    with pytest.raises(LabelError, match="labels of 'accuracy' and 'top5' cannot be joined"):
        labels.joined(other)
    turned = LabelSet(
        labels.space, labels.architectures, labels.values, labels.metric, minimize=True
    )
    with pytest.raises(LabelError, match="one minimizes 'accuracy' cannot be joined"):
        labels.joined(turned)


def test_best_come_first_and_ties_keep_their_order(space: NasBench201Space) -> None:
    batch = space.sample(4, seed=0)
    labels = LabelSet(space, batch, np.array([1.0, 3.0, 3.0, 2.0]))
    assert labels.best().architectures == batch[[1]]
    assert labels.best(3).architectures == batch[[1, 2, 3]]
    assert len(labels.best(9)) == 4


@pytest.mark.parametrize("name", ["labels.csv", "labels.parquet", "LABELS.CSV"])
def test_written_labels_are_read_back_bit_for_bit(
    tmp_path: Path, labels: LabelSet, name: str
) -> None:
    labels.write(tmp_path / name)
    again = LabelSet.read(tmp_path / name, labels.space)
    assert again.architectures == labels.architectures
    assert again.values.tobytes() == labels.values.tobytes()
    assert again.metric == "accuracy"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_unknown_kind_of_table_is_not_written(tmp_path: Path, labels: LabelSet) -> None:
    with pytest.raises(LabelError, match=r"must be named \.csv or \.parquet, not '\.xls'"):
        labels.write(tmp_path / "labels.xls")


def test_unwritable_place_is_one_line(tmp_path: Path, labels: LabelSet) -> None:
    place = tmp_path / "nowhere" / "labels.csv"
    with pytest.raises(OutputError) as caught:
        labels.write(place)
    assert str(caught.value) == f"cannot write {str(place)!r}: No such file or directory"
