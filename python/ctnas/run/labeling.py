"""The labels of a run: where they are kept, how they are collected, in which order they count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.labels import LabelSet, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.run.directory import RunDirectory
    from ctnas.run.progress import Progress
    from ctnas.run.sources import LabelSource
    from ctnas.spaces import SearchSpace


def open_ledger(directory: RunDirectory, source: LabelSource) -> Ledger:
    """Open the ledger of a run; it is made if this is the first time.

    Raises:
        LabelError: if it is of another space or metric.
        OutputError: if it cannot be made.
    """
    if directory.labels.exists():
        return Ledger.open(directory.labels, source.space, source.metric)
    return Ledger.create(directory.labels, source.space, source.metric)


class Collector:
    """Brings labels into a ledger.

    Args:
        source: measures.
        ledger: takes the labels.
        progress: told about labels.
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
