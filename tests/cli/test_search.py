"""`ctnas-search` from end to end, as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest

import ctnas
from ctnas.cli.search import main
from ctnas.labels import Ledger

COMMAND = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
SMOKE = ("--preset", "smoke", "--provider", "cpu", "--threads", "1", "--quiet")

Run = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Return a way to get the one line that refuses a command."""
    monkeypatch.chdir(tmp_path)

    def refused(*options: str) -> str:
        before = set(tmp_path.rglob("*"))
        outcome = run(main, *options)
        assert outcome.code == 2, outcome.err
        assert outcome.err.count("\n") == 1, outcome.err
        left = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
        assert {path.name for path in left} <= {"config.toml", ".holder", ".lock"}
        return str(outcome.err)

    return refused


def test_a_run_leaves_every_file(finished_smoke_run: Path) -> None:
    names = {path.name for path in finished_smoke_run.iterdir() if path.name[0] != "."}
    assert names == {
        *("config.toml", "labels.db", "comparator.onnx", "ranker.onnx", "checkpoint"),
        *("history.parquet", "predictions.parquet", "ranking.csv", "summary.json", "report.html"),
        "pareto.csv",
    }


def test_labels_are_the_random_sample_and_the_confirmed_candidates(
    finished_smoke_run: Path,
) -> None:
    with Ledger.open(finished_smoke_run / "labels.db") as ledger:
        sources = list(ledger.attributes("source"))
    assert sources.count("random") == 20
    # As many candidates, and as many of the front of accuracy and cost.
    assert sources.count("search") <= 3 + 3
    assert len(sources) == json.loads((finished_smoke_run / "summary.json").read_text())["queries"]


def test_ranking_is_in_order_and_the_exported_comparator_agrees(finished_smoke_run: Path) -> None:
    table = pyarrow.csv.read_csv(finished_smoke_run / "ranking.csv")
    won = table["win_probability"].to_numpy()
    assert np.all(np.diff(won) <= 0)
    comparator = ctnas.Comparator.load(finished_smoke_run, provider="cpu")
    batch = comparator.space.parse(table["architecture"].to_pylist())
    # The ensemble that it learned from has put these before all others.
    others = comparator.space.sample(200, seed=0)
    assert comparator.win_probability(batch, against=others).mean() > 0.5


def test_history_has_a_row_an_iteration(finished_smoke_run: Path) -> None:
    history = pyarrow.parquet.read_table(finished_smoke_run / "history.parquet")
    assert history["iteration"].to_pylist() == list(range(1, 11))
    rewards = history["reward"].to_numpy()
    assert np.all((rewards >= 0) & (rewards <= 1))


def test_the_written_settings_run_again_to_the_same_bytes(
    run: Run, finished_smoke_run: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    outcome = run(main, "--config", finished_smoke_run / "config.toml", "--out", again)
    assert outcome.code == 0, outcome.err
    assert "found 1" in outcome.out
    assert "median sampled" in outcome.out
    assert (again / "ranking.csv").read_bytes() == (finished_smoke_run / "ranking.csv").read_bytes()
    assert tomllib.loads((again / "config.toml").read_text()) == tomllib.loads(
        (finished_smoke_run / "config.toml").read_text()
    )


def test_labels_of_a_table_are_searched_without_images(
    run: Run, tables: dict[str, Path], tmp_path: Path
) -> None:
    outcome = run(
        main,
        *(*SMOKE, "--labels", tables["csv"], "--space", "nasbench201", "--metric", "number"),
        *("--queries", "60", "--out", tmp_path / "run"),
    )
    assert outcome.code == 0, outcome.err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["space"] == "nasbench201"
    assert summary["metric"] == "number"
    assert summary["queries"] == 60
    assert all(finalist["test_accuracy"] is None for finalist in summary["finalists"])


@pytest.mark.slow
def test_an_interrupt_ends_soon_and_says_what_is_kept(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, *SMOKE, "--out", "run", "--queries", "5000"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Measure"):
            break
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    asked = time.perf_counter()
    _, errors = process.communicate(timeout=60)
    assert time.perf_counter() - asked < 2 * (2 if os.environ.get("CI") else 3)
    assert process.returncode == 130
    assert errors.count("\n") == 1
    assert "labels.db" in errors
    with Ledger.open(tmp_path / "run" / "labels.db") as ledger:
        assert len(ledger) > 0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--space", "nowhere", "--labels", "x.csv"], "unknown search space 'nowhere'"),
        (["--space", "mine.toml"], "no supernet for space 'mine.toml'"),
        (["--queries", "3"], "queries must be at least 10, not 3"),
        (["--held-out", "1.5"], "held_out must be above 0 and below 1, not 1.5"),
        (["--preset", "best"], "best"),
        (["--labels", "missing.csv", "--space", "nasbench201"], "missing.csv"),
        (["--dataset", "nowhere"], "nowhere"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--supernet.epochs", "0"], "epochs must be at least 1, not 0"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_bad_options_get_one_line(refused: Refused, options: list[str], expected: str) -> None:
    assert expected in refused(*options, "--out", "run")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["|none~0|,1"], "row 2"),
        ([f"{{}}{i}" for i in range(3)], "at least 10"),
        (["{},nan"] * 1, "row 2"),
        (["{},1", "{},2"], "at least 10 labels are needed, not 1"),
    ],
)
def test_bad_labels_get_one_line(
    refused: Refused, tmp_path: Path, rows: list[str], expected: str
) -> None:
    space = ctnas.get_space("nasbench201")
    texts = space.format(space.sample(3, seed=0))
    if expected == "at least 10":
        lines = [f"{text},{i}" for i, text in enumerate(texts)]
    else:
        lines = [row.format(texts[0]) for row in rows]
    (tmp_path / "labels.csv").write_text("\n".join(["architecture,accuracy", *lines]) + "\n")
    message = refused("--labels", "labels.csv", "--space", "nasbench201", "--out", "run")
    assert expected in message
    assert "labels.csv" in message


def test_an_unknown_option_in_a_file_is_named(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("querys = 20\n")
    assert "querys" in refused("--config", "settings.toml", "--out", "run")


def test_an_occupied_directory_is_refused_and_left_alone(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    assert "is not empty" in refused("--out", "run")
    assert (tmp_path / "run" / "mine.txt").read_text() == "mine"


def test_an_unwritable_place_gets_one_line(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in refused("--out", "file/run")
