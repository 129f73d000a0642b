"""A run that is ended from outside and goes on, as a user sees it."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from ctnas.labels import Ledger
from ctnas.spaces import get_space

SMALL = """
from dataclasses import replace
from ctnas.comparator import presets

preset = presets.comparator_preset("default")
presets._PRESETS["default"] = replace(
    preset,
    fit=replace(preset.fit, steps=20, epochs=0),
    distillation=replace(preset.distillation, convolutions=1, flows=1, pool=300, steps=40),
)
from ctnas.cli.search import main
main()
"""
COMMAND = [sys.executable, "-c", SMALL]
TINY = ["--queries", "60", "--iterations", "30", "--quiet", "--provider", "cpu", "--threads", "1"]
SUPERNET = ["--supernet.epochs", "3", "--supernet.channels", "4", "--confirm", "3", *TINY]
SUPERNET += ["--supernet.train-images", "6000"]


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


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    finish(*SUPERNET, "--out", "whole", cwd=folder)
    return folder / "whole"


@pytest.mark.slow
def test_sigterm_saves_and_exits_with_143_and_the_run_goes_on_to_the_same_bytes(
    folder: Path, whole: Path
) -> None:
    process = start(*SUPERNET, "--out", "stopped", cwd=folder)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("Measure 60"):
            break
    while not label_count(folder / "stopped" / "labels.db"):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert errors.count("\n") == 1
    assert "go on with --resume stopped" in errors
    before = labels(folder / "stopped")
    assert before
    finish("--resume", "stopped", cwd=folder)
    ranking = (folder / "stopped" / "ranking.csv").read_bytes()
    assert ranking == (whole / "ranking.csv").read_bytes()
    assert labels(folder / "stopped") == labels(whole)
    assert before.items() <= labels(whole).items()


@pytest.mark.slow
def test_finished_run_goes_on_without_doing_anything_twice(folder: Path, whole: Path) -> None:
    ranking, measured = (whole / "ranking.csv").read_bytes(), labels(whole)
    said = finish("--resume", "whole", cwd=folder)
    assert not re.search(r"Measure \d+ (random|cand)|Fit", said)
    assert (whole / "ranking.csv").read_bytes() == ranking
    assert labels(whole) == measured


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
def test_queries_are_a_total_and_what_was_labeled_stays(table: Path, tmp_path: Path) -> None:
    options = ["--labels", "labels.csv", "--space", "nasbench201", *TINY, "--preset", "default"]
    finish(*options, "--out", "run", cwd=tmp_path)
    before = labels(tmp_path / "run")
    assert len(before) == 60
    said = finish("--resume", "run", "--queries", "70", "--iterations", "31", cwd=tmp_path)
    assert "Fit the comparator to 56 labels" in said
    after = labels(tmp_path / "run")
    assert len(after) == 70
    assert before.items() <= after.items()
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert (config["queries"], config["iterations"]) == (70, 31)
    ranking = (tmp_path / "run" / "ranking.csv").read_bytes()
    finish("--resume", "run", cwd=tmp_path)
    assert (tmp_path / "run" / "ranking.csv").read_bytes() == ranking

    error = finish("--resume", "run", "--queries", "60", cwd=tmp_path, code=2)
    assert "queries is a total and may only be raised: it was 70, not '60'" in error
    error = finish("--resume", "run", "--seed", "9", cwd=tmp_path, code=2)
    assert "seed was '0' and cannot become '9'" in error
    table.write_text(re.sub(r",[0-9.]+\n", ",0.5\n", table.read_text()))
    error = finish("--resume", "run", cwd=tmp_path, code=2)
    assert "labels.csv has changed since this run began" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--resume", "nowhere"], "'nowhere' holds no run to go on with"),
        (["--resume=nowhere"], "'nowhere' holds no run to go on with"),
        (["--resume", "a", "--config", "b.toml"], "--config cannot be given with --resume"),
    ],
)
def test_what_cannot_be_resumed_gets_one_line(
    tmp_path: Path, options: list[str], message: str
) -> None:
    error = finish(*options, cwd=tmp_path, code=2)
    assert message in error
    assert error.count("\n") == 1
