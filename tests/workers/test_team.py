"""Worker processes that are looked after together."""

import os
import signal
import time
from pathlib import Path

import pytest

from ctnas.errors import TrainingError
from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import NasBench201Space
from ctnas.workers.team import LocalTeam

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="it looks into /proc")


def pids(team: LocalTeam) -> list[int]:
    return [member.process.pid for member in team._members]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def kill(pid: int) -> None:
    """Kill a process and wait until it is dead, but not buried."""
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "labels.db"
    Ledger.create(path, NasBench201Space(), "accuracy").close()
    LabelQueue.open(path, create=True).close()
    return path


def test_workers_that_cannot_do_their_work_are_not_started_again(place: Path) -> None:
    refused = "a worker ended with exit code 2: study 'labels' names no run"
    with LocalTeam(place, "labels", 2) as team:
        os.waitid(os.P_PID, pids(team)[0], os.WEXITED | os.WNOWAIT)
        with pytest.raises(TrainingError, match=refused):
            team.supervise(0)


def test_workers_that_die_are_started_again_but_not_for_ever(place: Path) -> None:
    with LocalTeam(place, "labels", 1) as team:
        seen = set()
        for labels in range(1, 9):
            seen.update(pids(team))
            kill(*pids(team))
            # Each time another label was written.
            team.supervise(labels)
        assert len(seen) == 8
        for _ in range(4):
            kill(*pids(team))
            team.supervise(8)
        kill(*pids(team))
        with pytest.raises(TrainingError, match="a worker ended with exit code -9"):
            team.supervise(8)


def test_all_have_ended_with_the_block(place: Path) -> None:
    with LocalTeam(place, "labels", 3) as team:
        started = pids(team)
        assert len(started) == 3
    assert not any(map(command_line, started))


def test_password_is_in_no_command_line() -> None:
    with LocalTeam("postgresql://me:secret@127.0.0.1:1/labels", "labels", 1) as team:
        (pid,) = pids(team)
        # It is empty for a moment after the program has been started.
        while not (line := command_line(pid)):
            time.sleep(0.01)
    assert b"ctnas.cli.label" in line
    assert b"secret" not in line
    assert b"127.0.0.1" not in line
