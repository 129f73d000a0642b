"""Adaptive queries: after the random ones, what promises most is asked, round after round."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ctnas.app.counted import counted
from ctnas.run.query_loop import QueryLoop
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

    What a round asks depends on nothing but the labels, the seed and the number of the round.

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
        config = run.config
        size = config.batch or round_size(config.total_queries)
        adaptive = config.total_queries - config.random_queries
        path = run.directory.rounds
        self._loop: QueryLoop[str] = QueryLoop(run, path, adaptive, size, self._measure)

    def ask(self, train: LabelSet, held_out: LabelSet) -> list[str]:
        """Measure in rounds until the queries are spent.

        Args:
            train: random labels that are learned from, together with those of earlier rounds.
            held_out: random labels that nothing is learned from.

        Returns:
            What was asked, in order.
        """
        loop = self._loop
        loop.repeat()
        if not loop.is_over():
            with self._run.watch.time("rounds"):
                chooses = self._chooser(self._candidates(held_out))
            with self._labels.together():
                loop.go_on(
                    lambda *step: self._choose(self._known(train), chooses, *step), "measure"
                )
        if left := loop.left():
            made = "query is not made" if left == 1 else "queries are not made"
            self._run.progress.say(f"Nothing is left to ask: {left} {made}")
        return loop.asked()

    def _measure(self, texts: list[str], name: str) -> None:
        title = f"{name}: measure {counted(len(texts), 'architecture')}"
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
        generator = candidate_generator(self._config.seed, len(self._loop.rounds))
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

    def _choose(self, labels: LabelSet, chooses: Chooses, number: int, count: int) -> list[str]:
        """Return what a round asks."""
        generator = candidate_generator(self._config.seed, number)
        return labels.space.format(chooses(labels, generator, count))

    def _candidates(self, held_out: LabelSet) -> CandidateSource:
        return CandidateSource(
            held_out.space,
            self._config.max_madds,
            among=self._source.known,
            withheld=held_out.architectures,
        )

    def _known(self, train: LabelSet) -> LabelSet:
        """Return what is learned from."""
        asked = self._loop.asked()
        return train.joined(self._labels.of(asked)) if asked else train
