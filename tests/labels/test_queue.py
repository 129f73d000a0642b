import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from ctnas.errors import LabelError
from ctnas.labels import Ledger
from ctnas.labels.queue import MAXIMUM_DEATHS, LabelQueue
from ctnas.labels.storage import close_storage, open_storage
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


def test_trials_are_what_optuna_itself_would_write(
    queue: LabelQueue, path: Path, texts: list[str]
) -> None:
    with open_storage(path) as storage:
        study = optuna.load_study(study_name="labels", storage=storage)
        kept = {"architecture": texts[0], "source": "random"}
        study.add_trial(create_trial(state=TrialState.WAITING, user_attrs=kept))
        (trial_id,) = (trial._trial_id for trial in study.trials)
        assert storage.set_trial_state_values(trial_id, TrialState.RUNNING)
        storage.set_trial_user_attr(trial_id, "loss", 0.5)
        storage.set_trial_user_attr(trial_id, "source", "tried")
        assert storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.25])
        queue.enqueue(texts[1:2], source="random")
        query = queue.claim()
        assert query
        assert queue.complete(query, 0.25, loss=0.5, source="tried")
        own, ours = study.trials
        close_storage(storage)
    assert [own.number, ours.number] == [0, 1]
    assert ours.user_attrs == {**own.user_attrs, "architecture": texts[1]}
    for name in ("state", "values", "params", "system_attrs", "intermediate_values"):
        assert getattr(ours, name) == getattr(own, name)
    for name in ("datetime_start", "datetime_complete"):
        assert abs(getattr(ours, name) - getattr(own, name)) < timedelta(minutes=1)


def test_trial_without_architecture_is_refused_and_stays(queue: LabelQueue, path: Path) -> None:
    with open_storage(path) as storage:
        optuna.load_study(study_name="labels", storage=storage).enqueue_trial({})
        close_storage(storage)
    with pytest.raises(LabelError, match=r"labels.db: trial id 1 has no architecture"):
        queue.claim()
    assert queue.counts() == {"WAITING": 1}


def test_threads_share_a_queue(queue: LabelQueue, texts: list[str]) -> None:
    queue.enqueue(texts)

    def answer(_: int) -> list[str]:
        taken = []
        while query := queue.claim():
            assert queue.complete(query, 0.5)
            taken.append(query.architecture)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [text for part in pool.map(answer, range(4)) for text in part]
    assert sorted(taken) == sorted(texts)


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
