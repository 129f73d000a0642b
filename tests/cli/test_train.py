"""`ctnas-train` from end to end, as a user runs it."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from ctnas.cli.train import main
from ctnas.spaces import get_space

COMMAND = [sys.executable, "-c", "from ctnas.cli.train import main; main()"]
CELL = get_space("darts").format(get_space("darts").sample(1, 0))[0]
SMALL = [
    *("--dataset", "digits", "--train-images", "200", "--cells", "3", "--channels", "4"),
    *("--epochs", "3", "--cutout", "2", "--threads", "1", "--quiet"),
]


Run = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Return a way to get the one line that refuses a command."""
    monkeypatch.chdir(tmp_path)

    def refused(*options: object) -> str:
        outcome = run(main, *options)
        assert outcome.code == 2, outcome.err
        assert outcome.err.count("\n") == 1, outcome.err
        return str(outcome.err)

    return refused


def weights(path: Path) -> dict[str, list[float]]:
    with safe_open(path / "network.safetensors", framework="np") as file:
        return {name: file.get_tensor(name).ravel().tolist() for name in file.keys()}  # noqa: SIM118


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    process = subprocess.run(
        [*COMMAND, CELL, *SMALL, "--out", "done"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert CELL in process.stdout
    assert "Genotype(normal=[" in process.stdout
    assert "Accuracy after the last epoch: " in process.stdout
    return folder / "done"


def test_a_training_leaves_every_file(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names == {
        *("config.toml", "checkpoint.pt", "network.safetensors", "history.csv", "summary.json"),
        "images.json",
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
def test_a_killed_training_goes_on_to_the_same_weights(run: Run, finished: Path) -> None:
    folder = finished.parent
    process = subprocess.Popen(
        [*COMMAND, CELL, *SMALL, "--out", "killed"], cwd=folder, stdout=subprocess.DEVNULL
    )
    checkpoint = folder / "killed" / "checkpoint.pt"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    resumed = run(main, "--resume", folder / "killed")
    assert resumed.code == 0, resumed.err
    assert weights(folder / "killed") == weights(finished)


def test_other_settings_are_refused_by_name_when_training_goes_on(
    refused: Refused, finished: Path
) -> None:
    message = refused("--resume", finished, "--channels", "6")
    assert "was made with channels 4, not 6" in message


@pytest.mark.slow
def test_a_training_goes_on_with_moved_images_and_not_with_others(
    run: Run, refused: Refused, write_image_folder: Callable[..., Path], tmp_path: Path
) -> None:
    images = write_image_folder(size=(16, 16))
    small = ["--cells", "3", "--channels", "4", "--epochs", "1", "--threads", "1", "--quiet"]
    small += ["--out", str(tmp_path / "trained")]
    begun = run(main, CELL, "--dataset", images, *small)
    assert begun.code == 0, begun.err
    moved = images.rename(tmp_path / "moved")
    resumed = run(main, "--resume", tmp_path / "trained", "--data", moved)
    assert resumed.code == 0, resumed.err
    (moved / "test" / "cat" / "0.png").rename(moved / "test" / "dog" / "9.png")
    message = refused("--resume", tmp_path / "trained", "--data", moved)
    assert "has other images than those that this run began with" in message


def test_an_occupied_directory_is_refused(refused: Refused, finished: Path) -> None:
    message = refused(CELL, *SMALL, "--out", finished)
    assert f"'{finished}' is not empty" in message


def test_a_dry_run_says_what_the_whole_takes_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(
        main, CELL, *("--cells", "3", "--channels", "4", "--batch-size", "16", "--dry-run")
    )
    assert outcome.code == 0, outcome.err
    # 600 epochs of 50,000 images in batches of 16.
    assert "1,875,000 steps" in outcome.out
    assert "CPU days on 1 device" in outcome.out
    assert "The paper gives 0.3 GPU days" in outcome.out
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
def test_bad_input_gets_one_line(refused: Refused, options: list[str], expected: str) -> None:
    assert expected in refused(*options)
