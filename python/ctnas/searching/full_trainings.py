"""Which architectures are worth a full training, once many have cheap labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.noise import estimate_noise
from ctnas.comparator.spread import robust_deviation
from ctnas.searching.candidates import CandidateSource
from ctnas.searching.choice import best_and_median, label_line, shrunken_labels
from ctnas.searching.multi_fidelity import Belief, believed
from ctnas.searching.surrogate import Surrogate, chosen_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import Float64Array, Int64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.labels import LabelSet

MEASURED, FOUND = 200, 500
"""So many of the best measured architectures and of those that the search found are candidates."""
REPEATED = 0.25
"""Share of the trainings, the last ones, that repeat finalists where noise hides which is best."""
RIVALS = 4
"""Finalists that are repeated at the most."""
HIDDEN = 1.645
"""The best does not lead a rival with 95 %: by fewer deviations of the difference."""
COMPARED = 5
"""From so many trainings on, the best and the median of the random sample are trained too."""


@dataclass(frozen=True, slots=True)
class Training:
    """A full training.

    Attributes:
        architecture: its text.
        repetition: how many trainings of the same architecture came before.
    """

    architecture: str
    repetition: int


class TrainingCandidates:
    """Architectures of which some are trained fully, and what is believed of them.

    Args:
        comparator: learned from the cheap labels.
        labels: the cheap labels, in any order.
        sampled: those of them that are of random architectures.
        found: what the search found, best first.
        trained: texts of what was trained already.

    Attributes:
        texts: of the N candidates.
        cheap: float64 [N], what cheap labels say, in deviations of the random sample.
    """

    def __init__(
        self,
        comparator: NeuralArchitectureComparator,
        labels: LabelSet,
        sampled: LabelSet,
        found: ArchitectureBatch,
        trained: Sequence[str],
    ) -> None:
        space = labels.space
        cheap = CheapLabels(comparator, labels)
        references = best_and_median(sampled)
        best = np.argsort(-cheap.believed, kind="stable")[:MEASURED]
        parts = [references, labels.architectures[best], found[:FOUND]]
        pool = space.canonical(ArchitectureBatch.concatenate(parts))
        pool = pool[space.is_distinct(pool)]
        texts = space.format(pool)
        # What was trained for an earlier result of the search stays; else nothing depends on it.
        if further := [text for text in dict.fromkeys(trained) if text not in set(texts)]:
            pool = ArchitectureBatch.concatenate([pool, space.parse(further)])
        self.texts = [*texts, *further]
        # Trained like the others, they tell what the search gained.
        self._references = space.format(space.canonical(references))
        self._row = {text: row for row, text in enumerate(self.texts)}
        spread = robust_deviation(sampled.values) or 1.0
        self.cheap: Float64Array = (cheap.of(pool) - np.median(sampled.values)) / spread
        self._likeness = Surrogate(CandidateSource(space, among=pool)).likeness(labels, pool)

    def belief(self, trainings: Sequence[Training], values: Float64Array) -> Belief:
        """Return what is expected of all candidates.

        Args:
            trainings: M of them.
            values: float64 [M], the accuracy of each.
        """
        return believed(self.cheap, self._likeness, self._rows(trainings), values)

    def choose(
        self, trainings: Sequence[Training], values: Float64Array, count: int, total: int
    ) -> list[Training]:
        """Return what to train next, at once.

        Args:
            trainings: M that were made.
            values: float64 [M], the accuracy of each.
            count: how many.
            total: how many there are to be in the end; the last ones repeat the finalists.

        Returns:
            `count` of them, or all that are left.
        """
        belief = self.belief(trainings, values)
        first = total - int(REPEATED * total) - len(trainings)
        new = min(max(first, 0), count)
        repeated = self._repeated(belief, trainings, count - new)
        fresh = self._fresh(belief, trainings, count - len(repeated), total)
        return [Training(self.texts[row], 0) for row in fresh] + repeated

    def ranked(self, trainings: Sequence[Training], belief: Belief) -> list[int]:
        """Return the rows of what was trained, the best by all that is known first."""
        rows = np.unique(self._rows(trainings))
        ranked: list[int] = rows[np.argsort(-belief.mean[rows], kind="stable")].tolist()
        return ranked

    def _repeated(
        self, belief: Belief, trainings: Sequence[Training], count: int
    ) -> list[Training]:
        """Return repetitions of the finalists; none if one of them leads all others clearly."""
        ranked = self.ranked(trainings, belief)
        if not count or not ranked:
            return []
        lead = belief.lead(ranked[0])
        rivals = [row for row in ranked if lead[row] < HIDDEN][:RIVALS]
        if len(rivals) < 2:
            return []
        made = {row: int(np.sum(self._rows(trainings) == row)) for row in rivals}
        repeated = []
        for _ in range(count):
            row = min(rivals, key=lambda rival: made[rival])
            repeated.append(Training(self.texts[row], made[row]))
            made[row] += 1
        return repeated

    def _fresh(
        self, belief: Belief, trainings: Sequence[Training], count: int, total: int
    ) -> list[int]:
        """Return rows that were not trained: references first, then what promises most."""
        compares = not trainings and total >= COMPARED
        references = self._reference_rows() if compares else []
        left = np.setdiff1d(np.arange(len(self.texts)), [*self._rows(trainings), *references])
        part = np.ix_(left, left)
        places = chosen_together(
            belief.mean[left], belief.covariance[part], belief.noise**2, count - len(references)
        )
        chosen: list[int] = left[places].tolist()
        return references + chosen

    def _reference_rows(self) -> list[int]:
        """Return the rows of the best and the median of the random sample, if they differ."""
        return [self._row[text] for text in dict.fromkeys(self._references) if text in self._row]

    def _rows(self, trainings: Sequence[Training]) -> Int64Array:
        return np.array([self._row[each.architecture] for each in trainings], dtype=np.int64)


class CheapLabels:
    """What is believed of architectures by cheap labels, in their unit.

    Args:
        comparator: learned from them.
        labels: M of them.

    Attributes:
        believed: float64 [M], posterior means of the labels.
    """

    def __init__(self, comparator: NeuralArchitectureComparator, labels: LabelSet) -> None:
        self._comparator, self._labels = comparator, labels
        predicted = self._predicted(labels.architectures)
        noise = estimate_noise(labels) / np.sqrt(labels.counts)
        self.believed = shrunken_labels(labels.values, predicted, noise)
        self._line = label_line(labels.values, predicted)

    def of(self, batch: ArchitectureBatch) -> Float64Array:
        """Return what is believed of N architectures, measured or not, float64 [N]."""
        space = self._labels.space
        known = dict(zip(space.format(self._labels.architectures), self.believed, strict=True))
        middle = float(np.median(self._labels.values))
        expected = np.full(len(batch), middle)
        if self._line is not None:
            expected = self._line(self._predicted(batch))
        texts = space.format(batch)
        return np.array([known.get(text, expected[row]) for row, text in enumerate(texts)])

    def _predicted(self, batch: ArchitectureBatch) -> Float64Array:
        return self._comparator.encode(batch)[0].astype(np.float64)
