"""What a finished run with a supernet has shown, on images that nothing in it has seen.

    python benchmarks/judge_run.py runs/<run> [--data DIR]

Measures every architecture of the random sample on the test images, which the run itself never
does, and prints: accuracy of the sample against chance, Kendall's tau of the comparator on held-out
labels, and whether the chosen architecture keeps the limit and beats the 90th percentile of the
sample.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ctnas.cli.console import TerminalProgress
from ctnas.labels import Ledger
from ctnas.run.config_file import read_config
from ctnas.run.splits import load_splits
from ctnas.supernet import Evaluator, load_supernet
from ctnas.supernet.layouts import space_of_layout


def main() -> None:
    """Print one line for each claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    run: Path = arguments.run
    config = read_config(run / "config.toml")
    config = replace(config, data=arguments.data or config.data)
    summary = json.loads((run / "summary.json").read_text())
    splits = load_splits(config, TerminalProgress(quiet=True, silent=True))
    supernet = load_supernet(run / "checkpoint" / "supernet.safetensors")
    space = space_of_layout(supernet.space, supernet.layout)
    with Ledger.open(run / "labels.db") as ledger:
        drawn = np.array(ledger.attributes("source")) == "random"
        texts = np.array(ledger.architectures)[drawn].tolist()
        labels = ledger.values[drawn]
    calibration = config.supernet.calibration_images
    evaluator = Evaluator(supernet, splits, calibration_images=calibration, seed=config.seed)
    measured = evaluator.measure(space.parse(texts), "test")
    accuracy = np.array([each.accuracy for each in measured])
    chosen, bar = summary["finalists"][0], float(np.quantile(accuracy, 0.9))
    seconds = ", ".join(f"{name} {value:.0f}" for name, value in summary["seconds"].items())
    print(f"seconds: {seconds}")
    print(
        f"test accuracy of {len(texts)} random architectures: {accuracy.min():.3f} to "
        f"{accuracy.max():.3f}, median {np.median(accuracy):.3f}; chance {1 / len(splits.classes)}"
    )
    print(f"correlation of labels and test accuracy: {np.corrcoef(labels, accuracy)[0, 1]:.3f}")
    print(f"Kendall's tau of the comparator on held-out labels: {summary['kendall_tau']:.3f}")
    limit = "no limit" if config.max_madds is None else f"limit {config.max_madds / 1e6:,.2f} M"
    print(f"chosen: {chosen['madds'] / 1e6:,.2f} M multiply-adds, {limit}")
    better = (accuracy < chosen["test_accuracy"]).mean()
    print(
        f"chosen: test accuracy {chosen['test_accuracy']:.4f}, better than {better:.0%} of the "
        f"sample; 90th percentile {bar:.4f}"
    )


if __name__ == "__main__":
    main()
