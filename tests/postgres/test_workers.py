"""Several worker processes on one PostgreSQL database."""

import subprocess
from collections.abc import Callable
from time import sleep

import pytest
from postgres_server import PostgresServer

from ctnas.errors import InputFileError, OutputError
from ctnas.labels import Ledger
from ctnas.labels.label import Label
from ctnas.labels.queue import LabelQueue
from ctnas.labels.retry import Retry
from ctnas.spaces import NasBench201Space
from ctnas.workers import work

Start = Callable[..., subprocess.Popen[str]]


def begin(worker: subprocess.Popen[str]) -> None:
    """Let a worker take its first query."""
    assert worker.stdin
    worker.stdin.write("\n")
    worker.stdin.flush()


def end(worker: subprocess.Popen[str]) -> list[str]:
    """Return what a worker said, once it has found no more queries."""
    output, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0
    return output.splitlines()


def check_labels(database: str, texts: list[str]) -> list[float]:
    """Check that every query has exactly one label, the right one; return who wrote it."""
    with Ledger.open(database) as ledger:
        found = dict(zip(ledger.architectures, ledger.values, strict=True))
        assert found == {text: text.count("3x3") for text in texts}
        assert ledger.trial_count() == len(texts)
        return list(ledger.attributes("worker"))


def test_workers_lose_no_label_and_write_none_twice(
    queue: LabelQueue, database: str, texts: list[str], start_worker: Start
) -> None:
    queue.enqueue(texts)
    workers = [start_worker(len(texts), seconds=0.02) for _ in range(4)]
    for worker in workers:
        begin(worker)
    said = [end(worker) for worker in workers]
    assert sorted(line for lines in said for line in lines[:-1]) == sorted(texts)
    assert sum(int(lines[-1]) for lines in said) == len(texts)
    written = check_labels(database, texts)
    assert {worker.pid for worker in workers} == set(written)


def test_query_of_a_killed_worker_is_taken_again_and_counted_once(
    queue: LabelQueue, database: str, texts: list[str], start_worker: Start
) -> None:
    queue.enqueue(texts[:4])
    stuck, other = start_worker(4, seconds=1000), start_worker(4)
    begin(stuck)
    assert stuck.stdout
    taken = stuck.stdout.readline().strip()
    stuck.kill()
    stuck.wait()
    begin(other)
    said = end(other)
    assert sorted(said[:-1]) == sorted(texts[:4])
    assert said[-2:] == [taken, "4"]
    assert set(check_labels(database, texts[:4])) == {other.pid}


@pytest.mark.parametrize("crash", [False, True], ids=["shut down", "crashed"])
@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_workers_go_on_when_the_server_is_back(
    server: PostgresServer,
    queue: LabelQueue,
    database: str,
    texts: list[str],
    start_worker: Start,
    seconds: float,
    crash: bool,
) -> None:
    queue.enqueue(texts)
    workers = [start_worker(len(texts), seconds=0.1) for _ in range(2)]
    for worker in workers:
        begin(worker)
    while queue.counts().get("COMPLETE", 0) < 5:
        sleep(0.05)
    server.stop(crash=crash)
    sleep(seconds)
    server.start()
    for worker in workers:
        said = end(worker)
        gone, back = (line for line in said if line.startswith("#"))
        assert gone == "# the database is gone; waiting up to 90 s for it"
        assert back.startswith("# the database is back after ")
    check_labels(database, texts)


def test_labels_are_known_to_a_server_that_crashes_right_after(
    server: PostgresServer, queue: LabelQueue, database: str, texts: list[str]
) -> None:
    queue.enqueue(texts[:1])
    query = queue.claim()
    assert query
    assert queue.complete(query, query.architecture.count("3x3"), worker=1)
    server.stop(crash=True)
    server.start()
    check_labels(database, texts[:1])


def test_worker_that_does_not_wait_says_in_one_line_that_the_database_is_gone(
    server: PostgresServer, queue: LabelQueue, database: str
) -> None:
    server.stop()
    try:
        with pytest.raises(OutputError, match=r"^cannot write to 'postgresql://ctnas@") as no:
            queue.describe(measure="accuracy")
        with pytest.raises(InputFileError, match=r"^cannot read .*[Cc]onnection refused") as gone:
            Ledger.open(database)
    finally:
        server.start()
    assert "\n" not in str(no.value) + str(gone.value)
    assert "only" not in str(no.value) + str(gone.value)


def test_search_waits_for_a_database_that_is_gone(
    server: PostgresServer, database: str, texts: list[str]
) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("the database is gone"):
            server.start()

    retry = Retry(60, say)
    space = NasBench201Space()
    with (
        LabelQueue.open(database, create=True, retry=retry) as queue,
        Ledger.open(database, space, retry=retry) as ledger,
    ):
        for step, text in enumerate(texts[:3]):
            server.stop()
            if step == 0:
                assert queue.enqueue([text]) == 1
            elif step == 1:
                assert ledger.append(text, 1.0)
            else:
                assert work(queue, lambda _: Label(0.5, {}), idle=0) == 1
        assert ledger.architectures == [texts[0], texts[1]]
    assert len(said) == 6
