"""Full trainings of a run: dear labels, asked in rounds of what cheap ones and they promise."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.app.counted import counted
from ctnas.app.threads import one_thread
from ctnas.run.collection import REPETITION, open_collection, send_workers
from ctnas.run.found import trained as trained_network
from ctnas.run.query_loop import QueryLoop
from ctnas.run.trained import Trained
from ctnas.run.training_jobs import METRIC, FullTrainings, images_of
from ctnas.searching.full_trainings import Training, TrainingCandidates
from ctnas.searching.surrogate import round_size
from ctnas.training.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.architecture import Float64Array
    from ctnas.labels import LabelSet, Ledger
    from ctnas.labels.place import LedgerPlace
    from ctnas.run.collection import RunLabels
    from ctnas.run.context import RunContext
    from ctnas.searching import SearchResult

ORIGIN = "full"
"""Noted beside the labels."""
_BATCH = 256


def training_place(place: LedgerPlace, repetition: int) -> LedgerPlace:
    """Return where the labels of full trainings are kept; each repetition has a study."""
    return replace(place, study=f"{place.study}-full-{repetition + 1}")


class TrainingRounds:
    """Spends the full trainings of a run.

    Args:
        run: says how many; keeps what was asked.
        place: of the cheap labels.
        labels: the cheap labels, all of them.
        sampled: those of the random sample.
        result: what the search found.
    """

    def __init__(
        self,
        run: RunContext,
        place: LedgerPlace,
        labels: LabelSet,
        sampled: LabelSet,
        result: SearchResult,
    ) -> None:
        self._run, self._place, self._space = run, place, labels.space
        self._labels, self._sampled, self._result = labels, sampled, result
        self._trainings = FullTrainings(run, labels.space, images_of(run))
        self._open: dict[int, RunLabels] = {}
        total = run.config.full_trainings
        path, size = run.directory.training_rounds, round_size(total)
        self._loop: QueryLoop[list[Any]] = QueryLoop(run, path, total, size, self._measure)
        self._stack = ExitStack()

    def spend(self) -> Trained:
        """Train until the trainings are spent; return what they showed."""
        with self._stack:
            self._loop.repeat()
            with self._run.watch.time("rounds"):
                candidates = self._candidates()
            self._loop.go_on(lambda _, count: self._choose(candidates, count), "train")
            if self._loop.left() > 0:
                self._run.progress.say(
                    f"Nothing is left to train: {self._loop.left()} trainings are not made"
                )
            return self._shown(candidates)

    def with_tests(self, trained: Trained, texts: Sequence[str]) -> Trained:
        """Return what was shown, with the test accuracy of architectures that were trained."""
        known = {text: int(count) for text, count in zip(trained.texts, trained.count, strict=True)}
        wanted = [text for text in dict.fromkeys(texts) if text in known]
        title = f"Measure {counted(len(wanted), 'fully trained network')} on test images"
        test = {}
        with self._run.progress.stage(title) as advance:
            for number, text in enumerate(wanted, start=1):
                shares = [self._tested(text, repetition) for repetition in range(known[text])]
                test[text] = float(np.mean(shares))
                advance(number, len(wanted))
        return replace(trained, test=test)

    def _candidates(self) -> TrainingCandidates:
        return TrainingCandidates(
            self._result.comparator,
            self._labels,
            self._sampled,
            self._result.architectures,
            [text for text, _ in self._loop.asked()],
        )

    def _choose(self, candidates: TrainingCandidates, count: int) -> list[list[Any]]:
        total = self._run.config.full_trainings
        chosen = candidates.choose(self._made(), self._values(), count, total)
        return [[each.architecture, each.repetition] for each in chosen]

    def _made(self) -> list[Training]:
        return [Training(*asked) for asked in self._loop.asked()]

    def _values(self) -> Float64Array:
        """Return the accuracy of each training, in order."""
        known = {
            (text, repetition): value
            for repetition, labels in self._open.items()
            for text, value in zip(labels.ledger.architectures, labels.ledger.values, strict=True)
        }
        return np.array([known[text, repetition] for text, repetition in self._loop.asked()])

    def _measure(self, asked: list[list[Any]], name: str) -> None:
        for repetition in sorted({each[1] for each in asked}):
            texts = [text for text, number in asked if number == repetition]
            again = f" once more (training {repetition + 1})" if repetition else ""
            title = f"{name}: train {len(texts)} architectures from scratch{again}"
            labels = self._labels_of(repetition)
            send_workers(self._run, self._place, training_place(self._place, repetition).study)
            labels.collect(texts, title, ORIGIN)

    def _labels_of(self, repetition: int) -> RunLabels:
        """Return the labels of a repetition, opened where they are not yet."""
        if repetition not in self._open:
            here = _here(self._trainings, repetition, self._run.progress)
            opened = open_collection(
                self._run,
                training_place(self._place, repetition),
                self._space,
                METRIC,
                here,
                {REPETITION: repetition},
                "full trainings",
            )
            self._open[repetition] = self._stack.enter_context(opened)
        return self._open[repetition]

    def _shown(self, candidates: TrainingCandidates) -> Trained:
        made, values = self._made(), self._values()
        belief = candidates.belief(made, values)
        ranked = candidates.ranked(made, belief)
        texts = [candidates.texts[row] for row in ranked]
        of_text = [values[[each.architecture == text for each in made]] for text in texts]
        return Trained.of(texts, of_text, belief, ranked)

    def _tested(self, text: str, repetition: int) -> float:
        directory = self._trainings.directory(text, repetition)
        network = trained_network(directory, "1")
        device = next(network.network.parameters()).device
        with one_thread():
            return evaluate(network.measured, device, network.splits.test, _BATCH).accuracy


def _here(trainings: FullTrainings, repetition: int, progress: Progress) -> Any:
    """Return what makes a collector that trains in this process."""
    return lambda ledger: TrainingCollector(trainings, repetition, ledger, progress)


class TrainingCollector:
    """Trains in this process, one architecture after another.

    Args:
        trainings: trains.
        repetition: tells trainings of one architecture apart.
        ledger: takes the labels.
        progress: shows the steps of each.
    """

    def __init__(
        self, trainings: FullTrainings, repetition: int, ledger: Ledger, progress: Progress
    ) -> None:
        self._trainings, self._repetition = trainings, repetition
        self._ledger, self._progress = ledger, progress

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """See `LabelCollector.collect`."""
        known = set(self._ledger.architectures)
        for number, text in enumerate(texts, start=1):
            if text in known:
                continue
            with self._progress.stage(f"{title}, number {number}") as advance:
                label = self._trainings.label(text, self._repetition, advance)
                self._ledger.append(text, label.value, **label.attributes, source=origin)
            self._progress.say(f"{label.value:.2%} of validation images")

    def together(self) -> AbstractContextManager[None]:
        """Do nothing: this process is at hand."""
        return nullcontext()
