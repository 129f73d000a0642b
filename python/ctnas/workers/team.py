"""Worker processes on this machine, which end when the process that started them does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, Self

from ctnas.errors import TrainingError
from ctnas.labels.passwords import STORAGE_VARIABLE
from ctnas.labels.storage import is_url

if TYPE_CHECKING:
    from types import TracebackType

MODULE = "ctnas.cli.label"
"""What a worker process runs."""

_DEATHS = 5
"""How often each worker may die before another label is written."""

_SECONDS_TO_END = 30.0
_EXIT_BAD_INPUT = 2


class Team(Protocol):
    """Workers that are started, supervised and ended together."""

    def supervise(self, labels: int) -> None:
        """Start again what has died.

        Args:
            labels: how many there are by now.

        Raises:
            CtnasError: if it dies again and again, or cannot do its work.
        """

    def __enter__(self) -> Self:
        """Start them."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End them; what they were measuring is given back."""


@dataclass
class _Member:
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def last_line(self) -> str:
        """Return the last line of what the process said on standard error."""
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.returncode}"


class LocalTeam:
    """Processes of `ctnas-label` on this machine.

    They end when their standard input does, so that they never outlive this process. A password
    reaches them by their environment alone.

    Args:
        location: the ledger.
        study: its name.
        count: how many processes.
    """

    def __init__(self, location: str | Path, study: str, count: int) -> None:
        self._location, self._study, self._count = location, study, count
        self._members: list[_Member] = []
        self._deaths = self._labels = 0

    def __enter__(self) -> Self:
        self._members = [self._started() for _ in range(self._count)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for member in self._members:
            member.process.send_signal(signal.SIGINT)
        for member in self._members:
            with suppress(subprocess.TimeoutExpired):
                member.process.wait(_SECONDS_TO_END)
            member.process.kill()
            _close(member)
        self._members = []

    def supervise(self, labels: int) -> None:
        """Start again what has died.

        Args:
            labels: how many there are by now.

        Raises:
            TrainingError: if workers die again and again, or cannot do their work.
        """
        if labels > self._labels:
            self._labels, self._deaths = labels, 0
        for place, member in enumerate(self._members):
            code = member.process.poll()
            if code is None:
                continue
            self._deaths += 1
            if code == _EXIT_BAD_INPUT or self._deaths > _DEATHS * self._count:
                words = member.last_line().removeprefix("ctnas-label: error: ")
                raise TrainingError(f"a worker ended with exit code {code}: {words}")
            _close(member)
            self._members[place] = self._started()

    def _started(self) -> _Member:
        command = [sys.executable, "-m", MODULE, "--study", self._study, "--until-eof", "--quiet"]
        errors = tempfile.TemporaryFile()  # noqa: SIM115
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=os.environ | {STORAGE_VARIABLE: self._environment()},
            # Ctrl-C in a terminal goes to the search alone, which ends them in order.
            start_new_session=True,
        )
        return _Member(process, errors)

    def _environment(self) -> str:
        location = str(self._location)
        return location if is_url(location) else str(Path(location).absolute())


def _close(member: _Member) -> None:
    """Wait for an ended process and close what it was connected to."""
    member.process.wait()
    if member.process.stdin is not None:
        member.process.stdin.close()
    member.errors.close()
