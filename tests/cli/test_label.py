"""`ctnas-label` as processes of its own, on a study that asks for labels of a table."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ctnas.cli.label import main
from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import SearchSpace, get_space

COMMAND = [sys.executable, "-m", "ctnas.cli.label"]

# The command with a table whose labels take for ever; it says when one is asked for.
ENDLESS = """
import time
from ctnas.workers import table

def endless(*_):
    def measure(text):
        print(text, flush=True)
        time.sleep(1000)
    return measure

table.table_measure = endless
from ctnas.cli.label import main
main()
"""


@pytest.fixture(scope="module")
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture(scope="module")
def texts(space: SearchSpace) -> list[str]:
    return space.format(space.sample(20, seed=0))


@pytest.fixture
def folder(tmp_path: Path, space: SearchSpace, texts: list[str]) -> Path:
    """A folder with `labels.csv`, and `labels.db` that asks for what stands there."""
    rows = [f"{text},{number / 10}" for number, text in enumerate(texts)]
    (tmp_path / "labels.csv").write_text("\n".join(["architecture,accuracy", *rows]) + "\n")
    Ledger.create(tmp_path / "labels.db", space, "accuracy").close()
    return tmp_path


@pytest.fixture
def queue(folder: Path) -> Iterator[LabelQueue]:
    with LabelQueue.open(folder / "labels.db", create=True, heartbeat=1) as queue:
        yield queue


def start(
    *options: str, folder: Path, command: list[str] = COMMAND, **environment: str
) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, *options],
        cwd=folder,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=os.environ | environment,
    )


def finish(*options: str, folder: Path, **environment: str) -> str:
    """Run to the end; return what was said."""
    process = start(*options, folder=folder, **environment)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return out


Run = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def refused(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """Return a way to get the one line with which the command refuses, in this process."""
    monkeypatch.chdir(folder)

    def refused(*options: str, storage: str = "") -> str:
        monkeypatch.setenv("CTNAS_STORAGE", storage)
        outcome = run(main, *options)
        assert outcome.code == 2, outcome.err
        assert outcome.err.count("\n") == 1, outcome.err
        return str(outcome.err)

    return refused


TABLE = ["--storage", "labels.db", "--labels", "labels.csv", "--metric", "accuracy"]


def start_endless(*options: str, folder: Path) -> subprocess.Popen[str]:
    """Start a worker that has taken a query and never answers it."""
    command = [sys.executable, "-c", ENDLESS]
    process = start(*TABLE, *options, folder=folder, command=command)
    assert process.stdout
    while line := process.stdout.readline():
        if line.startswith("|"):
            return process
    raise AssertionError(process.communicate()[1])


def labels(folder: Path) -> dict[str, float]:
    with Ledger.open(folder / "labels.db") as ledger:
        assert ledger.trial_count() == len(ledger)
        return dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))


def test_workers_share_the_queries_of_a_study(
    queue: LabelQueue, folder: Path, texts: list[str]
) -> None:
    queue.enqueue(texts, source="random")
    workers = [start(*TABLE, "--idle", "0.5", folder=folder) for _ in range(3)]
    said = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 3, said
    counts = [int(out.split("Labels written: ")[1]) for out, _ in said]
    assert sum(counts) == len(texts)
    assert labels(folder) == {text: number / 10 for number, text in enumerate(texts)}


def test_storage_can_be_given_by_the_environment(
    queue: LabelQueue, folder: Path, texts: list[str]
) -> None:
    queue.enqueue(texts)
    url = f"sqlite:///{folder / 'labels.db'}"
    said = finish("--labels", "labels.csv", "--idle", "0", folder=folder, CTNAS_STORAGE=url)
    assert "Labels written: 20" in said


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
def test_worker_that_is_asked_to_end_gives_its_query_back(
    queue: LabelQueue, folder: Path, texts: list[str], number: signal.Signals, code: int
) -> None:
    queue.enqueue(texts)
    worker = start_endless(folder=folder)
    assert queue.counts() == {"RUNNING": 1, "WAITING": 19}
    worker.send_signal(number)
    _, errors = worker.communicate(timeout=30)
    assert worker.returncode == code
    assert errors == (
        "ctnas-label: interrupted; what was being measured waits for another worker\n"
    )
    assert queue.counts() == {"WAITING": 20}


def test_worker_of_a_process_that_is_gone_gives_its_query_back(
    queue: LabelQueue, folder: Path, texts: list[str]
) -> None:
    queue.enqueue(texts)
    with start_endless("--until-eof", folder=folder) as worker:
        assert worker.stdin
        worker.stdin.close()
        assert worker.wait(timeout=30) == 130
    assert queue.counts() == {"WAITING": 20}


@pytest.mark.slow
def test_query_of_a_killed_worker_is_measured_by_another_and_counted_once(
    queue: LabelQueue, folder: Path, texts: list[str]
) -> None:
    queue.enqueue(texts)
    worker = start_endless(folder=folder)
    worker.kill()
    worker.communicate()
    assert queue.counts() == {"RUNNING": 1, "WAITING": 19}
    # Three heartbeats of a second, and as much to be sure of them.
    assert "Labels written: 20" in finish(*TABLE, "--idle", "6", folder=folder)
    assert labels(folder) == {text: number / 10 for number, text in enumerate(texts)}
    assert queue.counts() == {"COMPLETE": 20}


@pytest.mark.slow
def test_query_of_a_slow_worker_that_is_alive_is_left_to_it(
    queue: LabelQueue, folder: Path, texts: list[str]
) -> None:
    queue.enqueue(texts[:1])
    worker = start_endless("--heartbeat", "0.2", folder=folder)
    assert "Labels written: 0" in finish(*TABLE, "--idle", "5", folder=folder)
    assert queue.counts() == {"RUNNING": 1}
    worker.kill()
    worker.communicate()


def test_architecture_that_the_table_lacks_fails_with_the_reason(
    queue: LabelQueue, folder: Path, space: SearchSpace, texts: list[str]
) -> None:
    other = next(text for text in space.format(space.sample(50, seed=9)) if text not in texts)
    queue.enqueue([other, *texts])
    assert "Labels written: 20" in finish(*TABLE, "--idle", "0", folder=folder)
    assert list(queue.failures()) == [other]
    assert "labels.csv has no label of" in queue.failures()[other]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--storage is needed, or the environment variable CTNAS_STORAGE"),
        (["--storage", "nowhere.db"], "cannot read 'nowhere.db'"),
        (["--storage", "labels.csv"], "labels.csv is not a ledger"),
        (["--storage", "labels.db", "--study", "mine"], "it has no study 'mine'"),
        (["--storage", "labels.db"], "study 'labels' names no run whose supernet measures"),
        ([*TABLE, "--heartbeat", "3"], "heartbeat must be at most 1 s, as the study has it"),
        ([*TABLE, "--idle", "-1"], "idle must be at least 0, not -1"),
        ([*TABLE, "--run", "."], "--run and --data do not go with --labels"),
        (["--storage", "labels.db", "--metric", "x"], "--metric and --space belong to --labels"),
        ([*TABLE[:4], "--metric", "loss"], "labels.csv has no metric 'loss'"),
    ],
)
def test_what_a_worker_cannot_do_gets_one_line(
    queue: LabelQueue, refused: Refused, options: list[str], message: str
) -> None:
    assert message in refused(*options)


def test_worker_of_another_format_is_refused(
    queue: LabelQueue, refused: Refused, folder: Path
) -> None:
    with closing(sqlite3.connect(folder / "labels.db")) as connection, connection:
        connection.execute(
            "UPDATE study_user_attributes SET value_json = '2' WHERE key = 'ctnas.queue'"
        )
    message = refused(*TABLE)
    assert "has queue format 2; this version of ctnas works on format 1" in message


def test_study_that_queues_nothing_is_refused(refused: Refused) -> None:
    assert "queues nothing" in refused(*TABLE)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@localhost:port/labels",
        "postgresql://me:secret@127.0.0.1:1/labels",
        "nothing://me:secret@127.0.0.1/labels",
        "postgresql://me@127.0.0.1:1/labels?password=secret",
    ],
)
def test_password_is_never_repeated(refused: Refused, url: str) -> None:
    message = refused("--labels", "labels.csv", storage=url)
    assert "secret" not in message
