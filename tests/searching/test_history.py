from collections.abc import Callable
from pathlib import Path

import numpy as np
from pyarrow import parquet

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.labels import LabelSet
from ctnas.searching.history import History, Iteration

COLUMNS = {"iteration", "reward", "entropy", "loss", "kendall_tau", "baseline"}


def fill(history: History, comparator: NeuralArchitectureComparator, count: int) -> None:
    for number in range(1, count + 1):
        history.add(Iteration(number, 0.5, 9.0, 0.7, f"baseline {number}"), comparator)


def test_tau_is_measured_every_so_often(
    labels: LabelSet, fit: Callable[..., NeuralArchitectureComparator]
) -> None:
    train, held_out = labels[:30], labels[30:]
    comparator = fit(train)
    history = History(held_out, interval=3)
    fill(history, comparator, 7)
    measured = [row.number for row in history.rows if not np.isnan(row.kendall_tau)]
    assert measured == [3, 6]
    assert history.rows[2].kendall_tau == comparator.kendall_tau(held_out)


def test_tau_is_never_measured_without_held_out_labels(
    comparator: NeuralArchitectureComparator,
) -> None:
    history = History(None, interval=1)
    fill(history, comparator, 3)
    assert all(np.isnan(row.kendall_tau) for row in history.rows)


def test_written_table_has_a_row_for_every_iteration(
    labels: LabelSet, comparator: NeuralArchitectureComparator, tmp_path: Path
) -> None:
    history = History(labels, interval=2)
    fill(history, comparator, 4)
    history.write(tmp_path / "history.parquet")
    table = parquet.read_table(tmp_path / "history.parquet").to_pydict()
    assert set(table) == COLUMNS
    assert table["iteration"] == [1, 2, 3, 4]
    assert table["baseline"] == [f"baseline {number}" for number in range(1, 5)]
    tau = comparator.kendall_tau(labels)
    np.testing.assert_array_equal(table["kendall_tau"], [np.nan, tau, np.nan, tau])


def test_empty_history_is_a_table_without_rows(tmp_path: Path) -> None:
    History(None, interval=1).write(tmp_path / "history.parquet")
    table = parquet.read_table(tmp_path / "history.parquet")
    assert set(table.column_names) == COLUMNS
    assert table.num_rows == 0
