"""A search of the MobileNetV3 space with a supernet, from the command to the files."""

import csv
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctnas.cli.search import main
from ctnas.labels import Ledger
from ctnas.spaces import MobileNetV3Space
from ctnas.spaces.mobilenetv3.costs import MobileNetV3Layout

SCRIPT = "from ctnas.cli.search import main; main()"
LAYOUT = MobileNetV3Layout(
    width=0.1,
    image_size=8,
    image_channels=1,
    classes=10,
    stem_stride=1,
    unit_strides=(2, 1, 1, 1, 1),
)
OPTIONS = ["--preset", "smoke", "--space", "mobilenetv3"]
OPTIONS += ["--objective", "accuracy,madds", "--finalists", "2"]
OPTIONS += ["--supernet.train-images", "320", "--quiet", "--provider", "cpu", "--threads", "1"]
LIMIT = ["--max-madds", "0.8M"]


def start(script: Path, *options: str, cwd: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, str(script), *options]
    return subprocess.Popen(command, cwd=cwd, stdout=pipe, stderr=pipe, text=True)


def finish(script: Path, *options: str, cwd: Path) -> str:
    process = start(script, *options, cwd=cwd)
    out, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors
    return out


def labels(run: Path) -> dict[str, float]:
    with Ledger.open(run / "labels.db") as ledger:
        assert ledger.trial_count() == len(ledger)
        return dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mobilenetv3")


@pytest.fixture(scope="module")
def script(folder: Path) -> Path:
    (folder / "search.py").write_text(SCRIPT)
    return folder / "search.py"


@pytest.fixture(scope="module")
def whole(folder: Path, script: Path) -> Path:
    finish(script, *OPTIONS, *LIMIT, "--out", "whole", cwd=folder)
    return folder / "whole"


def test_a_limit_below_the_smallest_subnet_is_refused_before_anything_is_trained(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = run(main, *OPTIONS, "--max-madds", "100k", "--out", tmp_path / "small")
    assert outcome.code == 2
    assert (
        "max_madds 100,000 is below the smallest architecture of space 'mobilenetv3'" in outcome.err
    )
    assert "which has 231,168 multiply-adds" in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "small" / "checkpoint" / "training.pt").exists()


@pytest.mark.slow
def test_a_search_finds_subnets_within_the_limit(whole: Path) -> None:
    rows = list(csv.DictReader((whole / "ranking.csv").read_text().splitlines()))
    summary = json.loads((whole / "summary.json").read_text())
    assert rows
    assert all(float(row["madds"]) <= 0.8e6 for row in rows)
    assert all(finalist["madds"] <= 0.8e6 for finalist in summary["finalists"])
    # Ten classes of digits: the five most likely ones hold the right one more often than not.
    for finalist in summary["finalists"]:
        assert finalist["test_accuracy"] <= finalist["test_top5"] <= 1
    measured = labels(whole)
    # 20 drawn ones, 3 candidates, and at most 3 of the front.
    assert 23 <= len(measured) <= 26
    config = tomllib.loads((whole / "config.toml").read_text())
    assert config["supernet"]["mobilenetv3"]["epochs"] == [1, 1, 0, 1, 0, 1]


@pytest.mark.slow
def test_the_front_holds_what_no_cheaper_subnet_beats(whole: Path) -> None:
    rows = list(csv.DictReader((whole / "pareto.csv").read_text().splitlines()))
    madds = [float(row["madds"]) for row in rows]
    assert madds == sorted(madds)
    assert max(madds) <= 0.8e6
    measured = labels(whole)
    space = MobileNetV3Space(LAYOUT)
    costs = dict(zip(measured, space.costs(space.parse(list(measured))).madds, strict=True))
    best = {
        text
        for text, value in measured.items()
        if costs[text] <= 0.8e6
        and not any(
            other != text and costs[other] <= costs[text] and measured[other] >= value
            for other in measured
        )
    }
    assert {row["architecture"] for row in rows if row["on_measured_front"] == "true"} == best
    expected = [row for row in rows if row["on_predicted_front"] == "true"]
    won = [float(row["win_probability"]) for row in expected]
    assert won == sorted(won)
    page = (whole / "report.html").read_text()
    assert "Accuracy against multiply-adds" in page
    assert "Measured front" in page


@pytest.mark.slow
def test_a_run_that_is_killed_in_any_stage_goes_on_to_the_same_bytes(
    folder: Path, script: Path, whole: Path
) -> None:
    process = start(script, *OPTIONS, *LIMIT, "--out", "killed", cwd=folder)
    checkpoint = folder / "killed" / "checkpoint" / "training.pt"
    while not checkpoint.exists():
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.05)
    process.kill()
    process.communicate()
    finish(script, "--resume", "killed", cwd=folder)
    ranking = (folder / "killed" / "ranking.csv").read_bytes()
    assert ranking == (whole / "ranking.csv").read_bytes()
    assert labels(folder / "killed") == labels(whole)


@pytest.mark.slow
def test_two_devices_share_the_training_of_the_supernet(folder: Path, script: Path) -> None:
    options = ("--supernet.devices", "2", "--supernet.device", "cpu", "--out", "shared")
    out = finish(script, *OPTIONS, *LIMIT, *options, cwd=folder)
    assert out.count("Run directory: shared") == 1
    assert 23 <= len(labels(folder / "shared")) <= 26
    assert (folder / "shared" / "report.html").exists()
    assert sorted(path.name for path in folder.glob("shared*")) == ["shared"]
