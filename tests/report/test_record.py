from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ctnas.report.record import read_run


def test_finished_run_is_read_whole(make_run: Callable[..., Path]) -> None:
    run = read_run(make_run("today"))
    assert run.missing == []
    assert (run.name, run.space, run.metric) == ("today", "nasbench201", "validation_accuracy")
    assert run.settings["search"] == {"iterations": 120}
    assert run.labels
    assert len(run.labels.values) == 30
    assert not run.labels.asked.any()
    assert run.history
    assert run.history.iteration.tolist() == list(range(120))
    assert np.count_nonzero(np.isfinite(run.history.kendall_tau)) == 6
    assert run.predictions
    assert run.predictions.held_out.tolist()[:4] == [True, False, False, True]
    assert run.ranking[2]["rank"] == "3"
    assert run.ranking[2]["label"] is None
    assert "labels.db" in run.files


@pytest.mark.parametrize(
    ("name", "field", "empty"),
    [
        ("config.toml", "settings", {}),
        ("labels.db", "labels", None),
        ("history.parquet", "history", None),
        ("ranking.csv", "ranking", []),
        ("predictions.parquet", "predictions", None),
        ("summary.json", "summary", {}),
    ],
)
def test_missing_or_damaged_file_is_named_and_the_rest_is_read(
    make_run: Callable[..., Path], name: str, field: str, empty: object
) -> None:
    directory = make_run()
    (directory / name).write_bytes(b"\x00damaged")
    run = read_run(directory)
    (line,) = run.missing
    assert line.startswith(f"{name} cannot be read: ")
    assert getattr(run, field) == empty
    (directory / name).unlink()
    run = read_run(directory)
    assert run.missing == [f"{name} is not there (yet)"]
    assert getattr(run, field) == empty
    assert (run.space, run.metric) == ("nasbench201", "validation_accuracy")


def test_table_without_a_column_is_named(make_run: Callable[..., Path]) -> None:
    directory = make_run()
    parquet.write_table(pa.table({"iteration": [1]}), directory / "history.parquet")
    run = read_run(directory)
    assert run.missing == ["history.parquet cannot be read: it has no column 'reward'"]


def test_summary_that_is_no_object_is_no_summary(make_run: Callable[..., Path]) -> None:
    directory = make_run()
    (directory / "summary.json").write_text("[1, 2]")
    run = read_run(directory)
    assert run.missing == ["summary.json cannot be read: it is not a JSON object"]
    assert run.summary == {}
