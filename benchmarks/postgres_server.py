"""A PostgreSQL server of one's own, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from time import monotonic, sleep
from typing import Self

_USER, _PASSWORD = "ctnas", "only:for/tests"
_START_SECONDS = 60
_DEBIAN = Path("/usr/lib/postgresql")


def find_programs() -> Path | None:
    """Return the directory of the server's programs, the newest that Debian has; None if none."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A server on a free port of 127.0.0.1, whose data lives in a temporary directory.

    It runs as the user `postgres` if this process is root, which PostgreSQL refuses to be. It ends
    with the thread that started it, however that ends. A context manager.

    Raises:
        FileNotFoundError: if PostgreSQL is not installed.
    """

    def __init__(self) -> None:
        programs = find_programs()
        if programs is None:
            raise FileNotFoundError("no PostgreSQL here: apt-get install postgresql")
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="ctnas-postgres-"))
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._initialize()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        from sqlalchemy import URL

        url = URL.create("postgresql", _USER, _PASSWORD, "127.0.0.1", self._port, database)
        return url.render_as_string(hide_password=False)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        import psycopg

        self._databases += 1
        name = f"test{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return self.url(name)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    *_as_postgres("--pdeathsig", "QUIT"),
                    *(str(self._programs / "postgres"), "-D", str(self._folder / "data")),
                    *("-p", str(self._port), "-c", "listen_addresses=127.0.0.1"),
                    *("-c", "unix_socket_directories=", "-c", "max_connections=50"),
                ],
                stdout=log,
                stderr=log,
            )
        self._await_answer(self._process)

    def stop(self, *, crash: bool = False) -> None:
        """Stop the server and wait until it is gone; connections break.

        Args:
            crash: whether it leaves at once, as in a power failure, and recovers at the next start.
        """
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
            self._process.wait(_START_SECONDS)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialize(self) -> None:
        """Make the files of an empty server."""
        password = self._folder / "password"
        password.write_text(_PASSWORD)
        if os.geteuid() == 0:
            for path in (self._folder, password):
                shutil.chown(path, "postgres")
        subprocess.run(
            [
                *_as_postgres(),
                *(str(self._programs / "initdb"), "-D", str(self._folder / "data")),
                *("-U", _USER, "--pwfile", str(password), "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=self._folder,
        )

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        command = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        last = monotonic() + _START_SECONDS
        while subprocess.run(command, check=False).returncode:
            if process.poll() is not None or monotonic() > last:
                log = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log}")
            sleep(0.05)


def _as_postgres(*options: str) -> list[str]:
    """Return the beginning of a command that runs as a user whom PostgreSQL accepts."""
    user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        user = ("--reuid=postgres", "--regid=postgres", "--init-groups")
    return ["setpriv", *user, *options, "--"] if user or options else []


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
