"""`ctnas-train` from end to end, as a user runs it."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors import safe_open

from ctnas.spaces import get_space

COMMAND = [sys.executable, "-c", "from ctnas.cli.train import main; main()"]
CELL = get_space("darts").format(get_space("darts").sample(1, 0))[0]
SMALL = [
    *("--dataset", "digits", "--train-images", "200", "--cells", "3", "--channels", "4"),
    *("--epochs", "3", "--cutout", "2", "--threads", "1", "--quiet"),
]


def train(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def refused(*options: str, cwd: Path) -> str:
    process = train(*options, cwd=cwd)
    assert process.returncode == 2, process.stderr
    assert process.stderr.count("\n") == 1, process.stderr
    return process.stderr


def weights(path: Path) -> dict[str, list[float]]:
    with safe_open(path / "network.safetensors", framework="np") as file:
        return {name: file.get_tensor(name).ravel().tolist() for name in file.keys()}  # noqa: SIM118


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    process = train(CELL, *SMALL, "--out", "done", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert CELL in process.stdout
    assert "Genotype(normal=[" in process.stdout
    assert "Accuracy after the last epoch: " in process.stdout
    return folder / "done"


def test_a_training_leaves_every_file(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names == {
        *("config.toml", "checkpoint.pt", "network.safetensors", "history.csv", "summary.json"),
    }
    summary = json.loads((finished / "summary.json").read_text())
    assert summary["architecture"] == CELL
    assert 0 <= summary["accuracy"] <= 1
    with (finished / "history.csv").open() as stream:
        assert [row["epoch"] for row in csv.DictReader(stream)] == ["1", "2", "3"]


def test_a_printed_genotype_is_the_same_architecture(finished: Path) -> None:
    summary = json.loads((finished / "summary.json").read_text())
    space = get_space("darts")
    assert space.format(space.parse([summary["genotype"]])) == [CELL]


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(finished: Path) -> None:
    folder = finished.parent
    process = subprocess.Popen(
        [*COMMAND, CELL, *SMALL, "--out", "killed"], cwd=folder, stdout=subprocess.DEVNULL
    )
    checkpoint = folder / "killed" / "checkpoint.pt"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    resumed = train("--resume", "killed", cwd=folder)
    assert resumed.returncode == 0, resumed.stderr
    assert weights(folder / "killed") == weights(finished)


def test_other_settings_are_refused_by_name_when_training_goes_on(finished: Path) -> None:
    message = refused("--resume", str(finished), "--channels", "6", cwd=finished.parent)
    assert "was made with channels 4, not 6" in message


def test_an_occupied_directory_is_refused(finished: Path) -> None:
    message = refused(CELL, *SMALL, "--out", "done", cwd=finished.parent)
    assert "'done' is not empty" in message


def test_a_dry_run_says_what_the_whole_takes_and_writes_nothing(tmp_path: Path) -> None:
    process = train(
        CELL, *("--cells", "3", "--channels", "4", "--batch-size", "16", "--dry-run"), cwd=tmp_path
    )
    assert process.returncode == 0, process.stderr
    # 600 epochs of 50,000 images in batches of 16.
    assert "1,875,000 steps" in process.stdout
    assert "CPU days on 1 device" in process.stdout
    assert "The paper gives 0.3 GPU days" in process.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_processes_share_a_training(finished: Path) -> None:
    script = finished.parent / "ctnas-train.py"
    script.write_text("from ctnas.cli.train import main; main()")
    options = ("--devices", "2", "--batch-size", "32", "--device", "cpu", "--out", "shared")
    process = subprocess.run(
        [sys.executable, script, CELL, *SMALL, *options],
        cwd=finished.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("Accuracy after the last epoch") == 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["normal:|nothing~0|"], "is no architecture; darts: "),
        (["|nor_conv_3x3~0|", "--space", "nasbench201"], "a cell has 3 nodes"),
        ([CELL, "--epochs", "0"], "epochs must be at least 1, not 0"),
        ([CELL, "--dataset", "nowhere"], "data set 'nowhere' does not exist"),
        ([CELL, "--path-dropout", "1"], "path_dropout must be at least 0 and below 1"),
        ([], "an architecture is needed"),
        (["--resume", "nowhere"], "nowhere/config.toml"),
    ],
)
def test_bad_input_gets_one_line(tmp_path: Path, options: list[str], expected: str) -> None:
    assert expected in refused(*options, cwd=tmp_path)
