"""A search space of one's own: from a CSV of labels to a comparator and a ranking.

    python examples/own_space.py [DIRECTORY]

The space is made of three stages, each with an operation, and a shortcut. `labels.csv` stands for
what was measured in it; here a formula makes it up.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

import ctnas

OPERATIONS = ["conv3x3", "conv5x5", "conv1x1", "max_pool", "none"]
SPACE = {"first": OPERATIONS, "second": OPERATIONS, "third": OPERATIONS, "shortcut": ["no", "yes"]}


def wire(choice: dict[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the operations of an architecture and the edges between them."""
    nodes = ["input", choice["first"], choice["second"], choice["third"], "output"]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (0, 4)]
    return nodes, edges + ([(1, 4)] if choice["shortcut"] == "yes" else [])


def make_labels(path: Path, count: int = 60) -> None:
    """Write the accuracy of some architectures; in real life they are trained."""
    space = ctnas.GraphSpace("stages", SPACE, wire)
    batch = space.sample(count, seed=0)
    worth = np.array([0.05, 0.06, 0.03, 0.01, 0.0])[batch.decisions[:, :3]]
    noise = np.random.default_rng(0).normal(0, 0.002, count)
    accuracy = 0.8 + worth @ [0.5, 0.8, 1.0] + 0.01 * batch.decisions[:, 3] + noise
    ctnas.LabelSet(space, batch, accuracy, "validation_accuracy").write(path)


def rank(folder: Path) -> list[tuple[float, str]]:
    """Learn from `labels.csv`, leave an exported comparator and return the best ten."""
    space = ctnas.GraphSpace("stages", SPACE, wire)
    labels = ctnas.LabelSet.read(folder / "labels.csv", space)
    ctnas.fit_comparator(space, labels).export(folder)
    comparator = ctnas.Comparator.load(folder, space=space)
    every = space.enumerate()
    best = comparator.rank(every, top=10)
    return list(zip(best.win_probability.tolist(), space.format(every[best.indices]), strict=True))


def main(folder: Path) -> None:
    """Make labels, learn from them and print the ranking."""
    make_labels(folder / "labels.csv")
    for win_probability, architecture in rank(folder):
        print(f"{win_probability:.4f}  {architecture}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
