"""Clocks that are stepped while workers are at work; their steady clocks go on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import sleep

import pytest

from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import NasBench201Space

WORKER = """
import sys, time
from ctnas.labels.label import Label
from ctnas.labels.queue import LabelQueue
from ctnas.workers import work

def measure(text):
    print(text, time.time(), flush=True)
    time.sleep(float(sys.argv[2]))
    return Label(text.count("3x3"), {})

with LabelQueue.open(sys.argv[1]) as queue:
    print("ready", flush=True)
    count = int(sys.argv[3])
    work(queue, measure, stopped=lambda: queue.counts().get("COMPLETE", 0) == count)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what makes the clock of a process one that can be stepped."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler: apt-get install gcc")
    library = tmp_path_factory.mktemp("clock") / "stepped_clock.so"
    source = Path(__file__).with_name("stepped_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return library


@pytest.fixture
def texts() -> list[str]:
    space = NasBench201Space()
    return space.format(space.sample(3, seed=0))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[LabelQueue]:
    path = tmp_path / "labels.db"
    Ledger.create(path, NasBench201Space(), "accuracy").close()
    with LabelQueue.open(path, create=True, heartbeat=1) as queue:
        yield queue


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """Return the file that says how far the clock of the workers is off."""
    (tmp_path / "clock").write_text("0")
    return tmp_path / "clock"


@pytest.fixture
def start(queue: LabelQueue, library: Path, clock: Path, tmp_path: Path) -> Iterator[Start]:
    """Return a way to start a worker whose clock can be stepped."""
    stepped = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(clock)}
    with ExitStack() as stack:

        def start(seconds: float, labels: int) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", WORKER, str(tmp_path / "labels.db")]
            process = subprocess.Popen(
                [*command, str(seconds), str(labels)],
                env=os.environ | stepped,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            return process

        yield start


def taken(worker: subprocess.Popen[str]) -> tuple[str, float]:
    """Return the next query that a worker takes, and when, by its clock."""
    assert worker.stdout
    text, seconds = worker.stdout.readline().rsplit(" ", 1)
    return text, float(seconds)


@pytest.mark.slow
def test_worker_whose_clock_is_stepped_stays_alive_for_the_others(
    queue: LabelQueue, tmp_path: Path, texts: list[str], start: Start, clock: Path
) -> None:
    queue.enqueue(texts[:2])
    workers = [start(8, 2) for _ in range(2)]
    first, _ = zip(*(taken(worker) for worker in workers), strict=True)
    assert set(first) == set(texts[:2])
    for step in ("3600", "-7200", "0"):
        clock.write_text(step)
        sleep(2)
    for worker in workers:
        rest, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        assert rest == ""
    with Ledger.open(tmp_path / "labels.db") as ledger:
        assert sorted(ledger.architectures) == sorted(texts[:2])


@pytest.mark.slow
@pytest.mark.parametrize("step", ["-86400", "86400"])
def test_dead_worker_is_found_by_one_whose_clock_is_stepped(
    queue: LabelQueue, tmp_path: Path, texts: list[str], start: Start, clock: Path, step: str
) -> None:
    queue.enqueue(texts)
    dead = start(1000, 3)
    lost, before = taken(dead)
    dead.kill()
    dead.wait()
    other = start(0, 3)
    quick = [taken(other)[0] for _ in range(2)]
    clock.write_text(step)
    again, now = taken(other)
    assert sorted([*quick, again]) == sorted(texts)
    assert again == lost
    assert abs(now - before - float(step)) < 3600
    other.communicate(timeout=120)
    assert other.returncode == 0
    with Ledger.open(tmp_path / "labels.db") as ledger:
        assert ledger.trial_count() == 3


def test_times_of_labels_tell_how_the_clock_stood(
    queue: LabelQueue, tmp_path: Path, texts: list[str], start: Start, clock: Path
) -> None:
    clock.write_text("-86400")
    queue.enqueue(texts[:1])
    worker = start(0, 1)
    worker.communicate(timeout=120)
    with Ledger.open(tmp_path / "labels.db") as ledger:
        (time,) = ledger.times()
    assert abs(datetime.now().astimezone().timestamp() - 86400 - time) < 3600
