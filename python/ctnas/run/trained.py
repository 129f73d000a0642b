"""What the full trainings of a run have shown, as its files tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.labels.tables import write_table

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import ArchitectureBatch, Float64Array, Int64Array
    from ctnas.labels import LabelSet
    from ctnas.searching.multi_fidelity import Belief


@dataclass(frozen=True, slots=True)
class Trained:
    """What full trainings have shown.

    Attributes:
        texts: of the K architectures that were trained, the best by all that is known first.
        accuracy: float64 [K], mean over their trainings, on validation images.
        count: int64 [K], number of trainings.
        spread: float64 [K], sample standard deviation of their trainings; NaN for one.
        expected: float64 [K], posterior mean.
        deviation: float64 [K], of what is expected.
        noise: standard deviation of the noise of one training.
        trust: correlation of labels and full trainings.
        test: top-1 accuracy on test images of the finalists, mean over their trainings, by text.
    """

    texts: list[str]
    accuracy: Float64Array
    count: Int64Array
    spread: Float64Array
    expected: Float64Array
    deviation: Float64Array
    noise: float
    trust: float
    test: dict[str, float]

    @classmethod
    def of(
        cls, texts: list[str], values: list[Float64Array], belief: Belief, rows: list[int]
    ) -> Trained:
        """Return what K architectures have shown.

        Args:
            texts: of the architectures, the best first.
            values: float64 [T] of each, the accuracy after each training.
            belief: what is expected of candidates.
            rows: of those that were trained.
        """
        spreads = [part.std(ddof=1) if len(part) > 1 else np.nan for part in values]
        return cls(
            texts,
            np.array([part.mean() for part in values]),
            np.array([len(part) for part in values], dtype=np.int64),
            np.array(spreads),
            belief.mean[rows],
            belief.deviation()[rows],
            belief.noise,
            belief.trust,
            {},
        )

    @property
    def total(self) -> int:
        """How many trainings there were."""
        return int(self.count.sum())

    def as_dict(self) -> dict[str, Any]:
        """Return what summary.json says of them."""
        columns = zip(
            self.texts, self.count, self.accuracy, self.spread, self.expected, strict=True
        )
        return {
            "trainings": self.total,
            "architectures": len(self.texts),
            "metric": "accuracy on validation images",
            "noise": self.noise,
            "correlation": self.trust,
            "trained": [
                {
                    "architecture": text,
                    "trainings": int(count),
                    "accuracy": float(accuracy),
                    "spread": float(spread),
                    "expected": float(expected),
                }
                for text, count, accuracy, spread, expected in columns
            ],
        }

    def lines(self) -> list[str]:
        """Return what is said of them, for people."""
        best = f"expected {self.expected[0]:.2%} ± {self.deviation[0]:.2%} of validation images"
        return [
            f"{self.total} full trainings of {len(self.texts)} architectures: the best is {best}",
            f"Noise of one training {self.noise:.2%}, correlation with the labels {self.trust:.2f}",
        ]

    def write(self, path: Path, labels: LabelSet) -> None:
        """Write a table of them, the best first, with the label of each."""
        known = dict(zip(labels.space.format(labels.architectures), labels.measured, strict=True))
        columns: dict[str, Any] = {
            "rank": np.arange(1, len(self.texts) + 1),
            "architecture": self.texts,
            "trainings": self.count,
            "accuracy": self.accuracy,
            "spread": self.spread,
            "expected": self.expected,
            "deviation": self.deviation,
            "label": np.array([known.get(text, np.nan) for text in self.texts]),
        }
        write_table(path, columns)

    def columns(self, texts: list[str]) -> dict[str, Any]:
        """Return what a table of architectures says of full trainings; NaN without."""
        row = {text: place for place, text in enumerate(self.texts)}
        places = np.array([row.get(text, -1) for text in texts], dtype=np.int64)
        known = places >= 0
        return {
            "trainings": np.where(known, self.count[places], 0),
            "trained_accuracy": np.where(known, self.accuracy[places], np.nan),
            "trained_expected": np.where(known, self.expected[places], np.nan),
            "trained_noise": np.where(known, self.noise, np.nan),
        }


def found_order(trained: Trained, others: ArchitectureBatch, labels: LabelSet) -> ArchitectureBatch:
    """Return what a run has found, best first: what was trained, then all others."""
    space = labels.space
    return space.parse([*dict.fromkeys([*trained.texts, *space.format(others)])])
