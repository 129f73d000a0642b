"""A disk that fills up under the ledger: what was written stays, and work goes on afterwards."""

from contextlib import suppress
from pathlib import Path

import pytest

from ctnas.errors import OutputError
from ctnas.labels import Ledger
from ctnas.labels.label import Label
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import NasBench201Space
from ctnas.workers import work


def fill(disk: Path) -> Path:
    """Leave no free byte; return the file that takes them."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    return filler


def test_labels_stay_and_workers_go_on_when_there_is_space_again(small_disk: Path) -> None:
    space = NasBench201Space()
    texts = space.format(space.sample(300, seed=0))
    path = small_disk / "labels.db"
    Ledger.create(path, space, "accuracy").close()
    filler: list[Path] = []
    written: list[int] = []

    def measure(text: str) -> Label:
        if len(written) == 5 and not filler:
            filler.append(fill(small_disk))
        return Label(text.count("3x3"), {"note": "x" * 500})

    with LabelQueue.open(path, create=True, heartbeat=1) as queue:
        assert queue.enqueue(texts) == 300
        with pytest.raises(OutputError) as caught:
            work(queue, measure, advance=written.append)
        assert str(caught.value) == f"cannot write to {str(path)!r}: database or disk is full"
        with Ledger.open(path) as ledger:
            kept = dict(zip(ledger.architectures, ledger.values, strict=True))
        assert len(kept) == len(written) >= 5
        filler[0].unlink()
        # The query of the worker that could not write is nobody's until its heartbeats are missed.
        answered = lambda: queue.counts() == {"COMPLETE": 300}  # noqa: E731
        assert work(queue, measure, stopped=answered) == 300 - len(kept)
    with Ledger.open(path) as ledger:
        found = dict(zip(ledger.architectures, ledger.values, strict=True))
        assert found == {text: text.count("3x3") for text in texts}
        assert ledger.trial_count() == 300
        assert kept.items() <= found.items()
