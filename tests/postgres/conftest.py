"""A PostgreSQL server, started for these tests, and workers on it in processes of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest
from postgres_server import PostgresServer, find_programs

from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import NasBench201Space

Process = subprocess.Popen[str]
WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'ctnas[postgres]'")
    with PostgresServer() as server:
        yield server


@pytest.fixture
def texts() -> list[str]:
    space = NasBench201Space()
    return space.format(space.sample(40, seed=0))


@pytest.fixture
def database(server: PostgresServer) -> str:
    """Return the URL of a database with an empty ledger."""
    url = server.new_database()
    Ledger.create(url, NasBench201Space(), "accuracy").close()
    return url


@pytest.fixture
def queue(database: str) -> Iterator[LabelQueue]:
    with LabelQueue.open(database, create=True, heartbeat=1) as queue:
        yield queue


@pytest.fixture
def start_worker(database: str, queue: LabelQueue) -> Iterator[Callable[..., Process]]:
    """Return a way to start a worker, ready to take its first query; all are killed at the end."""
    with ExitStack() as stack:

        def start(labels: int, seconds: float = 0.0) -> Process:
            command = [sys.executable, str(WORKER), database, str(seconds), str(labels)]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            return process

        yield start
