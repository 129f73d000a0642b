"""Tune a space of numbers: depth and widths of a perceptron on scikit-learn's digits.

    python examples/space_of_numbers.py [DIRECTORY]

Thirty perceptrons are trained, each asked for by what is known of the others. The comparator that
they teach is written into the directory and ranks the whole space.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import optuna
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier

import ctnas
from ctnas.sampler import labels_from_trials

WIDTHS = [4, 8, 16, 32, 64]
SPACE = ctnas.DecisionSpace(
    "perceptron",
    {"depth": [1, 2, 3], "width1": WIDTHS, "width2": WIDTHS, "width3": WIDTHS},
    # The second width matters from depth 2 on, the third at depth 3.
    active={"width2": {"depth": [2, 3]}, "width3": {"depth": 3}},
)
IMAGES, DIGITS = load_digits(return_X_y=True)


def accuracy(architecture: str) -> float:
    """Return the accuracy of a perceptron, such as `depth=2,width1=16,width2=8`."""
    chosen = dict(part.split("=") for part in architecture.split(","))
    widths = [int(chosen[f"width{layer + 1}"]) for layer in range(int(chosen["depth"]))]
    network = MLPClassifier(widths, max_iter=30, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(cross_val_score(network, IMAGES[:600] / 16, DIGITS[:600], cv=3).mean())


def main(folder: Path) -> None:
    """Ask, measure, learn, and print the best that was measured and the best that is expected."""
    sampler = ctnas.CTNASSampler(SPACE, startup_trials=10, seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(lambda trial: accuracy(sampler.suggest(trial)), n_trials=30)
    labels = labels_from_trials(SPACE, study.trials)
    comparator = ctnas.fit_comparator(SPACE, labels)
    comparator.export(folder)
    best = labels.architectures[[int(labels.values.argmax())]]
    print(f"measured: {SPACE.format(best)[0]}, {study.best_value:.1%}")
    every = SPACE.enumerate()
    for index in comparator.rank(every, top=3).indices:
        print(f"expected: {SPACE.format(every[[index]])[0]}")


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
