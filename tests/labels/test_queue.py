import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ctnas.errors import LabelError
from ctnas.labels import Ledger
from ctnas.labels.queue import MAXIMUM_DEATHS, LabelQueue
from ctnas.spaces import NasBench201Space


@pytest.fixture
def path(tmp_path: Path, space: NasBench201Space) -> Path:
    Ledger.create(tmp_path / "labels.db", space, "accuracy").close()
    return tmp_path / "labels.db"


@pytest.fixture
def queue(path: Path) -> Iterator[LabelQueue]:
    with LabelQueue.open(path, create=True) as queue:
        yield queue


def test_answered_queries_are_labels(queue: LabelQueue, path: Path, texts: list[str]) -> None:
    assert queue.enqueue(texts[:3], source="random") == 3
    while query := queue.claim():
        assert queue.complete(query, texts.index(query.architecture), loss=0.5)
    with Ledger.open(path) as ledger:
        assert ledger.architectures == texts[:3]
        assert ledger.values.tolist() == [0, 1, 2]
        assert ledger.sources() == ["random"] * 3
        assert ledger.attributes("loss").tolist() == [0.5] * 3


def test_what_has_a_label_or_waits_is_not_queued_again(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    with Ledger.open(path) as ledger:
        ledger.append(texts[0], 0.5)
    assert queue.enqueue(texts[:2]) == 1
    assert queue.claim()
    assert queue.enqueue(texts[:3]) == 1
    assert queue.counts() == {"COMPLETE": 1, "RUNNING": 1, "WAITING": 1}


def test_query_is_given_to_one_only(queue: LabelQueue, path: Path, texts: list[str]) -> None:
    queue.enqueue(texts[:1])
    with LabelQueue.open(path) as other:
        assert queue.claim()
        assert other.claim() is None


def test_first_answer_counts_and_a_late_one_is_not_written(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    queue.enqueue(texts[:1])
    slow = queue.claim()
    assert slow
    queue.revive(slow.trial_id)
    again = queue.claim()
    assert again == slow
    assert queue.complete(again, 0.25)
    assert not queue.complete(slow, 0.75)
    with Ledger.open(path) as ledger:
        assert ledger.values.tolist() == [0.25]
        assert ledger.trial_count() == 1


def test_query_that_kills_its_workers_fails(queue: LabelQueue, texts: list[str]) -> None:
    queue.enqueue(texts[:1])
    for _ in range(MAXIMUM_DEATHS):
        query = queue.claim()
        assert query
        queue.revive(query.trial_id)
    assert queue.claim() is None
    assert queue.failures() == {texts[0]: f"{MAXIMUM_DEATHS} workers died over it"}


def test_withdrawn_queries_take_no_labels(queue: LabelQueue, path: Path, texts: list[str]) -> None:
    queue.enqueue(texts[:2])
    taken = queue.claim()
    assert taken
    assert queue.withdraw() == 2
    assert not queue.complete(taken, 0.5)
    with Ledger.open(path) as ledger:
        assert len(ledger) == 0


def test_released_query_waits_again(queue: LabelQueue, texts: list[str]) -> None:
    queue.enqueue(texts[:1])
    query = queue.claim()
    assert query
    queue.release(query)
    assert queue.claim() == query


def test_ledger_that_queues_nothing_says_so(path: Path) -> None:
    with pytest.raises(LabelError, match=r"study 'labels' of .* queues nothing"):
        LabelQueue.open(path)


@pytest.mark.parametrize("version", [0, 2])
def test_process_of_another_format_is_refused(queue: LabelQueue, path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE study_user_attributes SET value_json = ? WHERE key = 'ctnas.queue'",
            (str(version),),
        )
    with pytest.raises(LabelError, match=f"queue format {version}; this version .* format 1"):
        LabelQueue.open(path)


CLAIM = """
import sys
from ctnas.labels.queue import LabelQueue
with LabelQueue.open(sys.argv[1]) as queue:
    print("ready", flush=True)
    sys.stdin.readline()
    while query := queue.claim():
        print(query.architecture)
        assert queue.complete(query, 0.5)
"""


def test_processes_that_claim_at_once_never_get_the_same_query(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    queue.enqueue(texts)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", CLAIM, str(path)]
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    taken = [text for process in processes for text in process.communicate()[0].split("\n")[:-1]]
    assert [process.returncode for process in processes] == [0] * 4
    assert sorted(taken) == sorted(texts)
