"""Workers on one queue: what they answer, and what happens when they die."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctnas.app.progress import SilentProgress
from ctnas.app.signals import Breakable
from ctnas.labels import Ledger
from ctnas.labels.label import Label
from ctnas.labels.place import LedgerPlace, open_ledger
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import NO_RETRY
from ctnas.spaces import NasBench201Space
from ctnas.workers import work
from ctnas.workers.config import WorkerConfig
from ctnas.workers.liveness import Watch
from ctnas.workers.service import serve
from ctnas.workers.worker import Measure


@pytest.fixture
def texts() -> list[str]:
    space = NasBench201Space()
    return space.format(space.sample(6, seed=0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Ledger.create(tmp_path / "labels.db", NasBench201Space(), "accuracy").close()
    return tmp_path / "labels.db"


@pytest.fixture
def queue(path: Path) -> Iterator[LabelQueue]:
    with LabelQueue.open(path, create=True, heartbeat=1) as queue:
        yield queue


def test_worker_answers_all_queries(queue: LabelQueue, path: Path, texts: list[str]) -> None:
    queue.enqueue(texts)
    told: list[int] = []
    measure = lambda text: Label(texts.index(text), {"loss": 0.5})  # noqa: E731
    assert work(queue, measure, idle=0, advance=told.append) == 6
    assert told == [1, 2, 3, 4, 5, 6]
    with Ledger.open(path) as ledger:
        assert dict(zip(ledger.architectures, ledger.values, strict=True)) == {
            text: number for number, text in enumerate(texts)
        }


def test_worker_goes_where_queries_are_made_once_its_own_are_answered(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    place = LedgerPlace(path, "others")
    open_ledger(place, NasBench201Space(), "loss", NO_RETRY).close()
    queue.enqueue(texts[:2])
    assert queue.asks() == "labels"
    with LabelQueue.open(path, "others", create=True, heartbeat=1) as others:
        others.enqueue(texts[2:])
    queue.describe(asks="others")
    assert queue.asks() == "others"
    assert work(queue, lambda _: Label(1.0, {}), moved=lambda: queue.asks() != "labels") == 2
    seen: list[str] = []

    def measure_for(_: WorkerConfig, asked: LabelQueue, __: object) -> Measure:
        seen.append(asked.metric)
        return lambda _: Label(2.0, {})

    config = WorkerConfig(str(path), idle=0)
    assert serve(config, measure_for, Breakable(), SilentProgress()) == 4
    assert seen == ["loss"]


def test_query_that_cannot_be_answered_fails_with_its_reason(
    queue: LabelQueue, texts: list[str]
) -> None:
    def measure(text: str) -> Label:
        if text == texts[1]:
            raise ValueError("too deep")
        return Label(1.0, {})

    queue.enqueue(texts)
    assert work(queue, measure, idle=0) == 5
    assert list(queue.failures()) == [texts[1]]
    assert queue.failures()[texts[1]].endswith(": too deep")


def test_interrupted_worker_gives_its_query_back(queue: LabelQueue, texts: list[str]) -> None:
    def measure(_: str) -> Label:
        raise KeyboardInterrupt

    queue.enqueue(texts)
    with pytest.raises(KeyboardInterrupt):
        work(queue, measure)
    assert queue.counts() == {"WAITING": 6}


STUCK = """
import sys, time
from ctnas.labels.queue import LabelQueue
from ctnas.workers import work

def measure(text):
    print(text, flush=True)
    time.sleep(1000)

with LabelQueue.open(sys.argv[1]) as queue:
    work(queue, measure)
"""


def test_query_of_a_killed_worker_is_answered_once_by_another(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    queue.enqueue(texts)
    command = [sys.executable, "-c", STUCK, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        taken = process.stdout.readline().strip()
        process.kill()
    assert taken in texts
    assert queue.counts() == {"RUNNING": 1, "WAITING": 5}
    answered = lambda: queue.counts() == {"COMPLETE": 6}  # noqa: E731
    assert work(queue, lambda _: Label(0.5, {}), stopped=answered) == 6
    with Ledger.open(path) as ledger:
        assert sorted(ledger.architectures) == sorted(texts)
        assert ledger.trial_count() == 6


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_worker_that_beats_is_alive_and_one_that_stops_is_not(
    queue: LabelQueue, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.enqueue(texts[:1])
    query = queue.claim()
    assert query
    clock = Clock()
    watch = Watch(queue, clock)
    running = queue.running()[0]
    for number in range(10):
        clock.now += 1
        # Where the worker's clock stands, and which way it goes, does not matter.
        signs = (running.signs[0], -1000 * number)
        beaten = [type(running)(running.trial_id, signs)]
        monkeypatch.setattr(queue, "running", lambda b=beaten: b)
        assert watch.look() == []
    found = []
    for _ in range(4):
        clock.now += 1
        found += watch.look()
    assert found == [query.trial_id]


def test_time_in_which_nobody_looked_counts_against_no_worker(
    queue: LabelQueue, texts: list[str]
) -> None:
    queue.enqueue(texts[:1])
    assert queue.claim()
    clock = Clock()
    watch = Watch(queue, clock)
    for now in (1, 2, 100, 101):
        clock.now = now
        assert watch.look() == []
