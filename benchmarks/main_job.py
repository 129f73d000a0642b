"""The main job over several seeds: wall time, peak memory, tau, and how good the choice is.

    python benchmarks/main_job.py [--seeds 5] [--out DIR]

Runs `ctnas-search` as a user does, once for each seed, one run at a time. Afterwards every
architecture of the random sample is measured on the test images, which the run itself never does,
to see whether the chosen one beats their 90th percentile.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from ctnas.labels import Ledger
from ctnas.spaces.darts.space import DartsSpace
from ctnas.supernet import Evaluator, load_images, load_supernet


def run_once(seed: int, out: Path) -> tuple[float, float]:
    """Return wall seconds and peak resident memory in GB of one run."""
    program = shutil.which("ctnas-search") or "ctnas-search"
    command = [program, "--seed", str(seed), "--out", str(out)]
    start = perf_counter()
    process = subprocess.Popen([*command, "--quiet"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return perf_counter() - start, usage.ru_maxrss / 2**20


def percentile_of_sample(seed: int, out: Path) -> float:
    """Return the 90th percentile of the test accuracy of the random sample."""
    supernet = load_supernet(out / "checkpoint" / "supernet.safetensors")
    space = DartsSpace(supernet.layout)
    with Ledger.open(out / "labels.db") as ledger:
        texts = np.array(ledger.architectures)[np.array(ledger.attributes("source")) == "random"]
    evaluator = Evaluator(supernet, load_images("digits", seed=seed), seed=seed)
    measured = evaluator.measure(space.parse(texts.tolist()), "test")
    return float(np.quantile([m.accuracy for m in measured], 0.9))


def main() -> None:
    """Print one line a seed and a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(tempfile.mkdtemp()))
    arguments = parser.parse_args()
    rows = []
    print("seed  seconds  peak GB    tau  chosen (test)  90% of sample  better")
    for seed in range(arguments.seeds):
        out = arguments.out / f"seed{seed}"
        seconds, memory = run_once(seed, out)
        summary = json.loads((out / "summary.json").read_text())
        chosen, bar = summary["finalists"][0]["test_accuracy"], percentile_of_sample(seed, out)
        rows.append((seconds, memory, summary["kendall_tau"], chosen > bar))
        print(
            f"{seed:4}  {seconds:7.1f}  {memory:7.2f}  {summary['kendall_tau']:.3f}  "
            f"{chosen:13.3f}  {bar:13.3f}  {'yes' if chosen > bar else 'no'}",
            flush=True,
        )
    seconds, memory, tau, better = (
        np.array(column, dtype=float) for column in zip(*rows, strict=True)
    )
    print(
        f"seconds {seconds.mean():.0f} (worst {seconds.max():.0f}), peak memory "
        f"{memory.max():.2f} GB, tau {tau.mean():.3f} +- {tau.std():.3f} (least {tau.min():.3f}), "
        f"chosen beats the 90th percentile {int(better.sum())} of {len(better)}"
    )


if __name__ == "__main__":
    main()
