"""Parquet files of decisions in place of texts, and texts without an end of line."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ArchitectureError
from ctnas.labels import InvalidRow, iterate_architectures, read_architectures
from ctnas.spaces import SearchSpace, get_space


@pytest.fixture
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture
def batch(space: SearchSpace) -> ArchitectureBatch:
    return space.sample(100, seed=0)


def fixed_lists(rows: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_one_column_of_lists_is_read(
    dtype: type, space: SearchSpace, batch: ArchitectureBatch, tmp_path: Path
) -> None:
    column = fixed_lists(batch.decisions.astype(dtype))
    parquet.write_table(pa.table({"decisions": column}), tmp_path / "a.parquet")
    chunks = list(iterate_architectures(tmp_path / "a.parquet", space, chunk_rows=33))
    assert ArchitectureBatch.concatenate([chunk.architectures for chunk in chunks]) == batch
    assert np.concatenate([chunk.rows for chunk in chunks]).tolist() == list(range(1, 101))


def test_a_column_for_each_decision_is_read(
    space: SearchSpace, batch: ArchitectureBatch, tmp_path: Path
) -> None:
    columns = {decision.name: batch.decisions[:, at] for at, decision in enumerate(space.decisions)}
    parquet.write_table(pa.table({"id": range(100), **columns}), tmp_path / "a.parquet")
    assert read_architectures(tmp_path / "a.parquet", space) == batch


def test_choice_that_does_not_exist_is_named_with_its_row(
    space: SearchSpace, batch: ArchitectureBatch, tmp_path: Path
) -> None:
    rows = batch.decisions.copy()
    rows[41, 2] = 5
    parquet.write_table(pa.table({"decisions": fixed_lists(rows)}), tmp_path / "a.parquet")
    message = r"a\.parquet, row 42: .*decision 'node2.operation1': choice 5 is not in 0\.\.4"
    with pytest.raises(ArchitectureError, match=message):
        read_architectures(tmp_path / "a.parquet", space)
    invalid: list[InvalidRow] = []
    left = read_architectures(tmp_path / "a.parquet", space, on_invalid=invalid.append)
    assert [row.row for row in invalid] == [42]
    np.testing.assert_array_equal(left.decisions, np.delete(rows, 41, axis=0))


def test_lists_of_another_length_are_refused(space: SearchSpace, tmp_path: Path) -> None:
    rows = np.zeros((3, 5), np.int8)
    parquet.write_table(pa.table({"decisions": fixed_lists(rows)}), tmp_path / "a.parquet")
    with pytest.raises(ArchitectureError, match="list of 6 integers of fixed size"):
        read_architectures(tmp_path / "a.parquet", space)


def test_header_without_an_end_of_line_is_a_table_without_rows(
    space: SearchSpace, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("architecture")
    assert list(iterate_architectures(tmp_path / "a.csv", space)) == []
