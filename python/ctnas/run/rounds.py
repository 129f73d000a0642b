"""Adaptive queries: after the random ones, what promises most is asked, round after round."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ctnas.app.json_file import read_note, write_json
from ctnas.searching.candidates import CandidateSource, candidate_generator
from ctnas.searching.surrogate import Surrogate, round_size

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ctnas.architecture import ArchitectureBatch
    from ctnas.labels import LabelSet
    from ctnas.run.collection import RunLabels
    from ctnas.run.context import RunContext
    from ctnas.run.label_sources import LabelSource
    from ctnas.searching.targets import Targets

Chooses: TypeAlias = "Callable[[LabelSet, np.random.Generator, int], ArchitectureBatch]"
"""Returns what to measure at once, from labels, random numbers and how many."""

ORIGIN = "adaptive"
"""Noted beside the labels."""


class Rounds:
    """Asks what may well be better than all that was measured.

    What a round asks is on disk before it is measured, and depends on nothing but the labels, the
    seed and the number of the round: a resumed run asks the same.

    Args:
        run: number of queries, size of a round, limit; keeps what was asked.
        source: knows what can be labeled.
        labels: of the run.
        targets: further objectives and limits, if there are any.
    """

    def __init__(
        self, run: RunContext, source: LabelSource, labels: RunLabels, targets: Targets | None
    ) -> None:
        self._run, self._config = run, run.config
        self._source, self._labels, self._targets = source, labels, targets
        self._path = run.directory.rounds
        self._size = run.config.batch or round_size(run.config.total_queries)
        self._rounds: list[list[str]] = []
        if self._path.exists():
            (self._rounds,) = read_note(self._path, "rounds")

    def ask(self, train: LabelSet, held_out: LabelSet) -> list[str]:
        """Measure in rounds until the queries are spent.

        Args:
            train: random labels that are learned from, together with those of earlier rounds.
            held_out: random labels that nothing is learned from.

        Returns:
            What was asked, in order.
        """
        for number in range(len(self._rounds)):
            self._measure(number)
        if not self._is_over():
            with self._run.watch.time("rounds"):
                chooses = self._chooser(self._candidates(held_out))
            with self._labels.together():
                while not self._is_over():
                    self._choose(self._known(train), chooses)
                    self._measure(len(self._rounds) - 1)
        if self._left():
            self._run.progress.say(f"Nothing is left to ask: {self._left()} queries are not made")
        return self._asked()

    def _is_over(self) -> bool:
        return not self._left() or (bool(self._rounds) and not self._rounds[-1])

    def _measure(self, number: int) -> None:
        texts = self._rounds[number]
        title = f"{self._name(number)}: measure {len(texts)} architectures"
        self._labels.collect(texts, title, ORIGIN)

    def best(self, known: LabelSet, held_out: LabelSet, count: int) -> list[str]:
        """Return texts of architectures that further objectives and limits make worth a label.

        There are none where the label alone counts, or nothing more can be measured.

        Args:
            known: labels that are learned from, those of the rounds among them.
            held_out: random labels that nothing is learned from.
            count: how many.
        """
        if self._targets is None or not self._source.confirms:
            return []
        generator = candidate_generator(self._config.seed, len(self._rounds))
        chooses = self._chooser(self._candidates(held_out))
        return known.space.format(chooses(known, generator, count))

    def _chooser(self, candidates: CandidateSource) -> Chooses:
        """Return what chooses: by the label alone, or by all that is looked for."""
        if self._targets is None:
            return Surrogate(candidates).promising
        targets, front = self._targets, self._targets.surrogate(candidates)
        return lambda labels, generator, count: front.growing(
            targets.measured(labels), generator, count
        )

    def _choose(self, labels: LabelSet, chooses: Chooses) -> None:
        """Add a round; an empty one ends the asking."""
        number, config = len(self._rounds), self._config
        generator = candidate_generator(config.seed, number)
        title = f"{self._name(number)}: choose what to measure"
        with self._run.watch.time("rounds"), self._run.progress.stage(title) as advance:
            promising = chooses(labels, generator, min(self._size, self._left()))
            self._rounds.append(labels.space.format(promising))
            write_json(self._path, {"rounds": self._rounds})
            advance(1, 1)

    def _candidates(self, held_out: LabelSet) -> CandidateSource:
        return CandidateSource(
            held_out.space,
            self._config.max_madds,
            among=self._source.known,
            withheld=held_out.architectures,
        )

    def _known(self, train: LabelSet) -> LabelSet:
        """Return what is learned from."""
        asked = self._asked()
        return train.joined(self._labels.of(asked)) if asked else train

    def _asked(self) -> list[str]:
        return [text for texts in self._rounds for text in texts]

    def _left(self) -> int:
        """Return how many queries are left."""
        return self._config.total_queries - self._config.random_queries - len(self._asked())

    def _name(self, number: int) -> str:
        """Return the name of a round, counted from 1, with how many there are to be."""
        finished = [texts for texts in self._rounds if texts]
        total = len(finished) + -(-self._left() // self._size)
        return f"Round {number + 1} of {total}"
