"""The table that answers queries and judges."""

from pathlib import Path

import numpy as np
import pytest

from ctnas.benchmarks.paper.benchmark import Benchmark
from ctnas.benchmarks.paper.data import nasbench101, nasbench201
from ctnas.errors import InputFileError, LabelError
from ctnas.labels import LabelSet
from ctnas.spaces import GraphSpace


def test_a_query_returns_the_queried_label(benchmark_table: Benchmark, space: GraphSpace) -> None:
    batch = space.enumerate()[[7, 0, 23]]
    assert benchmark_table.measure(batch).tolist() == [7.0, 0.0, 23.0]


def test_the_judge_is_another_label_in_percent(benchmark_table: Benchmark) -> None:
    assert benchmark_table.accuracy(23) == pytest.approx(61.0)


def test_rank_counts_the_strictly_better_ones(benchmark_table: Benchmark) -> None:
    assert benchmark_table.rank(22) == benchmark_table.rank(23) == pytest.approx(100 * 1 / 24)
    assert benchmark_table.rank(21) == pytest.approx(100 * 3 / 24)
    assert benchmark_table.rank(0) == pytest.approx(100 * 23 / 24)


def test_others_are_all_but_those_given(benchmark_table: Benchmark, space: GraphSpace) -> None:
    batch = space.enumerate()[[3, 5]]
    everything = benchmark_table.others(batch, None, seed=0)
    assert sorted([*everything.tolist(), 3, 5]) == list(range(24))
    drawn = benchmark_table.others(batch, 10, seed=0)
    assert len(set(drawn.tolist())) == 10
    assert set(drawn.tolist()) <= set(everything.tolist())
    assert np.array_equal(drawn, benchmark_table.others(batch, 10, seed=0))
    assert np.array_equal(everything, benchmark_table.others(batch, 20_000, seed=0))


def test_an_incomplete_table_is_refused(space: GraphSpace) -> None:
    labels = LabelSet(space, space.enumerate()[:20], np.arange(20.0))
    with pytest.raises(LabelError, match=r"part\.csv has 20 of the 24 architectures"):
        Benchmark(labels, labels, 1.0, "part.csv", "")


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"no nasbench_only108\.tfrecord or nasbench101\.npz"):
        nasbench101(tmp_path)
    with pytest.raises(InputFileError, match=r"no nasbench201_cifar10\.csv at"):
        nasbench201(tmp_path)


def test_without_any_data_the_ways_to_name_it_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CTNAS_DATA", raising=False)
    with pytest.raises(InputFileError, match=r"--data or the environment variable CTNAS_DATA"):
        nasbench201.__wrapped__(None)


def test_the_environment_names_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTNAS_DATA", str(tmp_path))
    with pytest.raises(InputFileError, match=str(tmp_path)):
        nasbench201.__wrapped__(None)
