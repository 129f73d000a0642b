"""What finished runs with a supernet have shown, on images that nothing in them has seen.

    python benchmarks/judge_run.py runs/<run> [runs/<run> ...] [--data DIR] [--sample N]

Measures every architecture of the random sample, or its first N, on the test images, which a run
itself never does, with the very weights that its labels were measured with. Prints a row of a table
for each run: seconds, Kendall's tau of the comparator on held-out labels, test accuracy of the
chosen architecture beside that of the sample and of chance, the share of the sample that it beats,
and its multiply-adds.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ctnas.app.console import TerminalProgress
from ctnas.labels import Ledger
from ctnas.run.collection import restored_weights
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.settings.toml import read_toml

_HEADER = """\
| run | seconds | tau | chosen | 90% of sample | median | best | chance | beats | MAdds, M |
|---|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Print one row for each run, and how long its stages took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sample", type=int)
    arguments = parser.parse_args()
    runs = [RunDirectory.existing(run) for run in arguments.runs]
    rows = [judge(run, arguments.data, arguments.sample) for run in runs]
    print(_HEADER, *rows, sep="\n")


def judge(directory: RunDirectory, data: Path | None, most: int | None) -> str:
    """Return the row of a run; what else there is to say of it is printed.

    Args:
        directory: of the run.
        data: folder of the images; that of the run if not given.
        most: so many architectures of the random sample are measured; all if not given.
    """
    config = read_toml(directory.config, RunConfig)
    config = replace(config, data=data or config.data)
    summary = json.loads(directory.summary.read_text())
    labels, accuracy, classes = measured_sample(config, directory, most)
    seconds = ", ".join(f"{name} {value:.0f}" for name, value in summary["seconds"].items())
    print(f"{directory.path.name}: seconds: {seconds}")
    print(
        f"{directory.path.name}: correlation of label and test accuracy of {len(labels)} random "
        f"architectures: {np.corrcoef(labels, accuracy)[0, 1]:.3f}"
    )
    chosen = summary["finalists"][0]
    cells = [
        directory.path.name,
        f"{summary['seconds']['total']:,.0f}",
        f"{summary['kendall_tau']:.3f}",
        f"{chosen['test_accuracy']:.4f}",
        f"{np.quantile(accuracy, 0.9):.4f}",
        f"{np.median(accuracy):.4f}",
        f"{accuracy.max():.4f}",
        f"{1 / classes:.2f}",
        f"{(accuracy < chosen['test_accuracy']).mean():.1%}",
        multiply_adds(chosen["madds"], config.max_madds),
    ]
    return f"| {' | '.join(cells)} |"


def measured_sample(
    config: RunConfig, directory: RunDirectory, most: int | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return labels and test accuracies [N] of the random sample, and the number of classes."""
    weights = restored_weights(
        RunContext(config, directory, TerminalProgress(quiet=True, silent=True))
    )
    with Ledger.open(directory.labels) as ledger:
        drawn = np.flatnonzero(np.array(ledger.attributes("source")) == "random")[:most]
        batch = weights.space.parse(np.array(ledger.architectures)[drawn].tolist())
        labels = ledger.values[drawn]
    accuracy = [each.accuracy for each in weights.measurements(batch, "test")]
    return labels, np.array(accuracy), weights.classes


def multiply_adds(madds: float | None, limit: float | None) -> str:
    """Return the multiply-adds of the chosen architecture beside their limit, in millions."""
    if madds is None:
        return "unknown"
    return f"{madds / 1e6:.2f}" + ("" if limit is None else f" (limit {limit / 1e6:.2f})")


if __name__ == "__main__":
    main()
