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

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest

import ctnas
from ctnas.labels import Ledger

COMMAND = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
TINY = [
    *("--queries", "15", "--supernet.epochs", "1", "--supernet.channels", "4"),
    *("--supernet.train-images", "9000"),
    *("--iterations", "4", "--confirm", "3", "--finalists", "2", "--quiet"),
]


def search(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def refused(*options: str, cwd: Path) -> str:
    """Return the one line that refuses a command."""
    before = set(cwd.rglob("*"))
    process = search(*options, cwd=cwd)
    assert process.returncode == 2, process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    assert "Traceback" not in process.stderr
    left = {path for path in set(cwd.rglob("*")) - before if path.is_file()}
    assert {path.name for path in left} <= {"config.toml", ".holder", ".lock"}
    return process.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    process = search(*TINY, "--out", "run", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert "found 1" in process.stdout
    assert "median sampled" in process.stdout
    return folder / "run"


@pytest.mark.slow
def test_a_run_leaves_every_file(finished: Path) -> None:
    names = {path.name for path in finished.iterdir() if path.name[0] != "."}
    assert names == {
        *("config.toml", "labels.db", "comparator.onnx", "ranker.onnx", "checkpoint"),
        *("history.parquet", "predictions.parquet", "ranking.csv", "summary.json", "report.html"),
    }


@pytest.mark.slow
def test_labels_are_the_random_sample_and_the_confirmed_candidates(finished: Path) -> None:
    with Ledger.open(finished / "labels.db") as ledger:
        sources = list(ledger.attributes("source"))
    assert sources.count("random") == 15
    assert sources.count("search") <= 3
    assert len(sources) == json.loads((finished / "summary.json").read_text())["queries"]


@pytest.mark.slow
def test_ranking_is_what_the_exported_comparator_says(finished: Path) -> None:
    table = pyarrow.csv.read_csv(finished / "ranking.csv")
    won = table["win_probability"].to_numpy()
    assert np.all(np.diff(won) <= 0)
    comparator = ctnas.Comparator.load(finished, provider="cpu")
    batch = comparator.space.parse(table["architecture"].to_pylist())
    challenger, _ = comparator.encode(batch)
    assert np.all(np.diff(challenger) <= 1e-6)


@pytest.mark.slow
def test_history_has_a_row_an_iteration(finished: Path) -> None:
    history = pyarrow.parquet.read_table(finished / "history.parquet")
    assert history["iteration"].to_pylist() == [1, 2, 3, 4]
    rewards = history["reward"].to_numpy()
    assert np.all((rewards >= 0) & (rewards <= 1))


@pytest.mark.slow
def test_the_written_settings_run_again_to_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    process = search("--config", str(finished / "config.toml"), "--out", "again", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    again = tmp_path / "again"
    assert (again / "ranking.csv").read_bytes() == (finished / "ranking.csv").read_bytes()
    assert tomllib.loads((again / "config.toml").read_text()) == tomllib.loads(
        (finished / "config.toml").read_text()
    )


@pytest.mark.slow
def test_labels_of_a_table_are_searched_without_images(
    published_data: Callable[[str], Path], tmp_path: Path
) -> None:
    table = published_data("nasbench201_cifar10.csv")
    process = search(
        *("--labels", str(table), "--space", "nasbench201", "--out", "run"),
        *("--metric", "cifar10_valid_accuracy", "--queries", "60", "--iterations", "5"),
        cwd=tmp_path,
    )
    assert process.returncode == 0, process.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["space"] == "nasbench201"
    assert summary["metric"] == "cifar10_valid_accuracy"
    assert summary["queries"] == 60
    assert all(finalist["test_accuracy"] is None for finalist in summary["finalists"])


@pytest.mark.slow
def test_an_interrupt_ends_soon_and_says_what_is_kept(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--out", "run", "--queries", "5000", "--supernet.epochs", "1", "--quiet"],
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
def test_bad_options_get_one_line(tmp_path: Path, options: list[str], expected: str) -> None:
    assert expected in refused(*options, "--out", "run", cwd=tmp_path)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["|none~0|,1"], "row 2"),
        ([f"{{}}{i}" for i in range(3)], "at least 10"),
        (["{},nan"] * 1, "row 2"),
        (["{},1", "{},2"], "at least 10 labels are needed, not 1"),
    ],
)
def test_bad_labels_get_one_line(tmp_path: Path, rows: list[str], expected: str) -> None:
    space = ctnas.get_space("nasbench201")
    texts = space.format(space.sample(3, seed=0))
    if expected == "at least 10":
        lines = [f"{text},{i}" for i, text in enumerate(texts)]
    else:
        lines = [row.format(texts[0]) for row in rows]
    (tmp_path / "labels.csv").write_text("\n".join(["architecture,accuracy", *lines]) + "\n")
    message = refused(
        "--labels", "labels.csv", "--space", "nasbench201", "--out", "run", cwd=tmp_path
    )
    assert expected in message
    assert "labels.csv" in message


def test_an_unknown_option_in_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("querys = 20\n")
    assert "querys" in refused("--config", "settings.toml", "--out", "run", cwd=tmp_path)


def test_an_occupied_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    assert "is not empty" in refused("--out", "run", cwd=tmp_path)
    assert (tmp_path / "run" / "mine.txt").read_text() == "mine"


def test_an_unwritable_place_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in refused("--out", "file/run", cwd=tmp_path)
