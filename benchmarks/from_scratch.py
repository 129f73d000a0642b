"""Whether labels by inherited weights stand in for training from scratch, and what N of these add.

    python benchmarks/from_scratch.py --data path/to/data [--seeds 5] [--trainings 20] --out DIR
        [-- --training.epochs 6 --training.cells 3 --training.channels 8]

For every seed: a search with a small configuration, its best architecture, the best of its random
sample by label, and, gone on with, its best after full trainings. Each of these is then trained
from scratch twice on all training images, with weights that the search has not seen, and judged by
the test images, which nothing chose by. What stands after `--` goes to `ctnas-search`.

It takes days of a CPU. Ended at any moment and started again with the same `--out`, it goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from ctnas.app.json_file import write_json
from ctnas.app.progress import SilentProgress
from ctnas.app.threads import one_thread
from ctnas.retraining import job
from ctnas.retraining.directory import TrainingDirectory
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.run.training_jobs import images_of, short_name, train_config
from ctnas.settings.toml import read_toml
from ctnas.spaces import get_space

CONFIG = Path(__file__).parents[1] / "configs" / "cifar10_darts_small.toml"
SAMPLED, FOUND, TRAINED = "best of the random sample", "found without", "found with"
ROWS = (SAMPLED, FOUND, TRAINED)
TWICE = (1_001, 1_002)
"""Repetitions that no search makes: what judges has not been chosen by."""


def search(out: Path, options: list[str]) -> dict[str, str]:
    """Run a search, or go on with it; return its best and the best of its random sample."""
    program = shutil.which("ctnas-search") or "ctnas-search"
    begun = (out / "config.toml").exists()
    where = ["--resume", str(out)] if begun else ["--out", str(out)]
    command = [program, *options, *where, "--quiet"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"{' '.join(command)} failed")
    summary = json.loads((out / "summary.json").read_text())
    texts = {each["name"]: each["architecture"] for each in summary["finalists"]}
    return {"found": texts["found 1"], "sampled": texts["best sampled"]}


def architectures(folder: Path, seed: int, trainings: int, options: list[str]) -> dict[str, str]:
    """Return the architecture of each row, from one search that is gone on with."""
    run, note = folder / "run", folder / "architectures.json"
    if note.exists():
        rows: dict[str, str] = json.loads(note.read_text())
        return rows
    without = folder / "without.json"
    if not without.exists():
        # Settings of a run that was begun are its own.
        given = [] if (run / "config.toml").exists() else [*options, "--seed", str(seed)]
        write_json(without, search(run, given))
    before = json.loads(without.read_text())
    after = search(run, ["--full-trainings", str(trainings)])
    rows = {SAMPLED: before["sampled"], FOUND: before["found"], TRAINED: after["found"]}
    write_json(note, rows)
    return rows


def accuracy(folder: Path, architecture: str, repetition: int) -> float:
    """Return the test accuracy of an architecture after a training that nothing was chosen by."""
    directory = RunDirectory(folder / "run")
    config = read_toml(directory.config, RunConfig)
    size = images_of(RunContext(config, directory, SilentProgress())).size
    settings = train_config(config, size, epochs=config.training.epochs, repetition=repetition)
    training = TrainingDirectory(folder / "judged" / f"{short_name(architecture)}-{repetition}")
    if not training.summary.is_file():
        settings = replace(settings, out=training.path, threads=None)
        begun = training.path if training.config.is_file() else None
        batch = get_space(config.space).parse([architecture])
        with one_thread():
            job.train(batch, settings, SilentProgress(), begun)
        training.checkpoint.unlink(missing_ok=True)
    return float(json.loads(training.summary.read_text())["accuracy"])


def one_seed(folder: Path, seed: int, trainings: int, options: list[str]) -> dict[str, float]:
    """Return the accuracy of each row, the mean of two trainings."""
    rows = architectures(folder, seed, trainings, options)
    # An architecture that stands in two rows is trained for both.
    return {
        row: float(np.mean([accuracy(folder, text, again) for again in TWICE]))
        for row, text in rows.items()
    }


def mean_and_error(values: list[float]) -> str:
    """Return a mean in percent, with its standard error where there are several."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{100 * np.mean(values):.2f} +- {100 * error:.2f}"


def main() -> None:
    """Print a line a seed, and a table of means."""
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    passed = sys.argv[at + 1 :]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trainings", type=int, default=20)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(sys.argv[1:at])
    options = [str(given.config), *(["--data", str(given.data)] if given.data else []), *passed]
    results = []
    print("| seed | " + " | ".join(ROWS) + " |\n|---|---|---|---|")
    for seed in range(given.seeds):
        folder = given.out / f"seed{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        results.append(one_seed(folder, seed, given.trainings, options))
        cells = " | ".join(f"{100 * results[-1][row]:.2f}" for row in ROWS)
        print(f"| {seed} | {cells} |", flush=True)
    means = " | ".join(mean_and_error([each[row] for each in results]) for row in ROWS)
    print(f"| mean | {means} |")
    for row, other in ((FOUND, SAMPLED), (TRAINED, FOUND), (TRAINED, SAMPLED)):
        gained = mean_and_error([each[row] - each[other] for each in results])
        print(f"{row} {given.trainings} trainings" if row == TRAINED else row, end="")
        print(f" above {other}: {gained} points")


if __name__ == "__main__":
    main()
