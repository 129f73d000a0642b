"""A run that is ended from outside and goes on, as a user sees it."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ctnas.cli.search import main
from ctnas.labels import Ledger
from ctnas.spaces import get_space

COMMAND = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
SMOKE = ["--preset", "smoke", "--quiet", "--provider", "cpu", "--threads", "1"]


Run = Callable[..., Any]


def start(*options: str, cwd: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, *options], cwd=cwd, stdout=pipe, stderr=pipe, text=True)


def finish(*options: str, cwd: Path, code: int = 0) -> str:
    """Run to the end; return what was said, or the error."""
    process = start(*options, cwd=cwd)
    out, errors = process.communicate(timeout=300)
    assert process.returncode == code, errors
    return errors if code else out


def labels(run: Path) -> dict[str, float]:
    with Ledger.open(run / "labels.db") as ledger:
        assert ledger.trial_count() == len(ledger)
        return dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))


def label_count(file: Path) -> int:
    """Return how many labels another process has written so far."""
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        try:
            found = database.execute("SELECT COUNT(*) FROM trials WHERE state = 'COMPLETE'")
        except sqlite3.OperationalError:  # Its tables are being made.
            return 0
        return int(found.fetchone()[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("resume")


@pytest.mark.slow
def test_sigterm_saves_and_exits_with_143_and_the_run_goes_on_to_the_same_bytes(
    tmp_path: Path, finished_smoke_run: Path
) -> None:
    process = start(*SMOKE, "--objective", "accuracy,madds", "--out", "stopped", cwd=tmp_path)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Measure 20"):
            break
    while not label_count(tmp_path / "stopped" / "labels.db"):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert errors.count("\n") == 1
    assert "go on with --resume stopped" in errors
    before = labels(tmp_path / "stopped")
    assert before
    finish("--resume", "stopped", cwd=tmp_path)
    ranking = (tmp_path / "stopped" / "ranking.csv").read_bytes()
    assert ranking == (finished_smoke_run / "ranking.csv").read_bytes()
    assert labels(tmp_path / "stopped") == labels(finished_smoke_run)
    assert before.items() <= labels(finished_smoke_run).items()


@pytest.fixture
def here(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a way to search in this process; gives what was said, or the error."""
    monkeypatch.chdir(tmp_path)

    def search(*options: str, code: int = 0) -> str:
        outcome = run(main, *options)
        assert outcome.code == code, outcome.err
        return str(outcome.err if code else outcome.out)

    return search


@pytest.mark.slow
def test_finished_run_goes_on_without_doing_anything_twice(
    here: Callable[..., str], tmp_path: Path, finished_smoke_run: Path
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(finished_smoke_run, whole)
    said = here("--resume", "whole")
    assert not re.search(r"Measure \d+ (random|cand)|Fit", said)
    assert (whole / "ranking.csv").read_bytes() == (finished_smoke_run / "ranking.csv").read_bytes()
    assert labels(whole) == labels(finished_smoke_run)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    space = get_space("nasbench201")
    batch = space.sample(80, seed=0)
    rows = [
        f"{text},{row.sum() + number / 1000}"
        for number, (text, row) in enumerate(zip(space.format(batch), batch.decisions, strict=True))
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["architecture,accuracy", *rows]) + "\n")
    return tmp_path / "labels.csv"


@pytest.mark.slow
def test_queries_are_a_total_and_what_was_labeled_stays(
    here: Callable[..., str], table: Path, tmp_path: Path
) -> None:
    options = ["--labels", "labels.csv", "--space", "nasbench201", *SMOKE, "--queries", "60"]
    here(*options, "--out", "run")
    before = labels(tmp_path / "run")
    assert len(before) == 60
    said = here("--resume", "run", "--queries", "70", "--iterations", "11")
    assert "Fit the comparator to 56 labels" in said
    after = labels(tmp_path / "run")
    assert len(after) == 70
    assert before.items() <= after.items()
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert (config["queries"], config["iterations"]) == (70, 11)
    ranking = (tmp_path / "run" / "ranking.csv").read_bytes()
    here("--resume", "run")
    assert (tmp_path / "run" / "ranking.csv").read_bytes() == ranking

    error = here("--resume", "run", "--queries", "60", code=2)
    assert "queries is a total and may only be raised: it was 70, not '60'" in error
    error = here("--resume", "run", "--seed", "9", code=2)
    assert "seed was '0' and cannot become '9'" in error
    table.write_text(re.sub(r",[0-9.]+\n", ",0.5\n", table.read_text()))
    error = here("--resume", "run", code=2)
    assert "has other contents than the table that this run began with" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resume", "nowhere"], "'nowhere' holds no run to go on with"),
        (["--resume=nowhere"], "'nowhere' holds no run to go on with"),
        (["--resume", "a", "--config", "b.toml"], "--config cannot be given with --resume"),
    ],
)
def test_what_cannot_be_resumed_gets_one_line(
    here: Callable[..., str], options: list[str], message: str
) -> None:
    error = here(*options, code=2)
    assert message in error
    assert error.count("\n") == 1
