"""The labels of a run: where they are kept, how they are collected, in which order they count."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ctnas.labels.queue import withdraw_queries
from ctnas.labels.retry import Patience
from ctnas.run.ledger import open_ledger
from ctnas.run.queue_collection import QueueCollector, make_team, open_queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from ctnas.app.progress import Progress
    from ctnas.labels import LabelSet, Ledger
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory
    from ctnas.run.label_sources import LabelSource
    from ctnas.run.ledger import LedgerPlace
    from ctnas.spaces import SearchSpace


class LabelCollector(Protocol):
    """Brings labels into a ledger."""

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """Label the architectures that have no label yet; each label is safe before the next.

        Args:
            texts: the architectures.
            title: of the stage.
            origin: noted beside each label.
        """

    def together(self) -> AbstractContextManager[None]:
        """Keep what measures at hand while a block collects several times."""


@contextmanager
def labeling(
    config: RunConfig,
    directory: RunDirectory,
    place: LedgerPlace,
    source: LabelSource,
    progress: Progress,
) -> Iterator[tuple[Ledger, LabelCollector]]:
    """Open the ledger of a run, and what fills it: the search itself or workers.

    Args:
        config: the settings of the run.
        directory: of the run.
        place: where its ledger is.
        source: says what labels are.
        progress: shows labels, and that a database is gone for a while.

    Raises:
        LabelError: if the ledger is of another space, metric or run.
        OutputError: if it cannot be made.
    """
    patience = Patience(say=progress.say)
    with open_ledger(
        place, source.space, source.metric, patience, minimize=config.minimize
    ) as ledger:
        if config.storage is not None or config.queues:
            progress.say(f"Labels: {place}")
        if not config.queues:
            # Workers of an earlier part of the run may still be there.
            withdraw_queries(place.location, place.study, patience)
            yield ledger, Collector(source, ledger, progress)
            return
        progress.say(f"Workers join by: {place.joined_by()}")
        with open_queue(config, directory, place, patience) as queue:
            yield ledger, QueueCollector(queue, ledger, partial(make_team, config, place), progress)


class Collector:
    """Measures in this process.

    Args:
        source: measures.
        ledger: takes the labels.
        progress: shows labels.
    """

    def __init__(self, source: LabelSource, ledger: Ledger, progress: Progress) -> None:
        self._source, self._ledger, self._progress = source, ledger, progress

    def collect(self, texts: Sequence[str], title: str, origin: str) -> None:
        """Label the architectures that have no label yet; each label is safe before the next.

        Args:
            texts: the architectures.
            title: of the stage.
            origin: noted beside each label.
        """
        known = set(self._ledger.architectures)
        missing = [text for text in texts if text not in known]
        if not missing:
            return
        with self._progress.stage(title) as advance:
            done = len(texts) - len(missing)
            advance(done, len(texts))
            for text, label in zip(missing, self._source.measure(missing), strict=True):
                self._ledger.append(text, label.value, **label.attributes, source=origin)
                done += 1
                advance(done, len(texts))

    def together(self) -> AbstractContextManager[None]:
        """Do nothing: this process is at hand."""
        return nullcontext()


def ordered_labels(
    ledger: Ledger, space: SearchSpace, order: Sequence[str], *, only: bool = False
) -> LabelSet:
    """Return the labels of a ledger, those of `order` first and in that order.

    Args:
        ledger: the labels.
        space: their space.
        order: architectures as text; those without a label are passed over.
        only: leave out what is not in `order`.
    """
    labels = ledger.labels(space)
    row = {text: index for index, text in enumerate(ledger.architectures)}
    wanted = list(dict.fromkeys(text for text in order if text in row))
    if not only:
        wanted = list(dict.fromkeys([*wanted, *sorted(row)]))
    return labels[np.array([row[text] for text in wanted], dtype=np.intp)]
