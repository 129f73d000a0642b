"""`ctnas-search --workers`: the same result as without, whatever happens to the processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue

SEARCH = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
LABEL = [sys.executable, "-m", "ctnas.cli.label"]
OPTIONS = [
    *("--preset", "smoke", "--queries", "40", "--provider", "cpu", "--quiet", "--heartbeat", "1"),
    *("--supernet.label-epochs", "2", "--supernet.train-images", "120"),
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found in /proc"),
]


def start(
    *options: str, cwd: Path, command: list[str] = SEARCH, **environment: str
) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, *options],
        cwd=cwd,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=os.environ | environment,
    )


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    """Wait for the end; return what was said, or the error."""
    out, errors = process.communicate(timeout=500)
    assert process.returncode == code, errors
    return errors if code else out


def wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def workers(process: subprocess.Popen[str]) -> list[int]:
    """Return the pids of the workers that a search has started."""
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(pid) for pid in children if "ctnas.cli.label" in command_line(int(pid))]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def counts(location: Path, study: str = "labels") -> dict[str, int]:
    with LabelQueue.open(location, study) as queue:
        return queue.counts()


def wait_for_labels(process: subprocess.Popen[str], location: Path, number: int) -> list[int]:
    """Wait until two workers have written so many labels; return their pids."""
    wait(lambda: len(workers(process)) == 2)
    wait(lambda: counts(location).get("COMPLETE", 0) >= number)
    return workers(process)


def labels(location: Path, study: str = "labels") -> dict[str, tuple[float, str, float]]:
    """Return value, source and accuracy of all labels."""
    with Ledger.open(location, study=study) as ledger:
        assert ledger.trial_count() == len(ledger)
        notes = zip(ledger.values, ledger.sources(), ledger.attributes("accuracy"), strict=True)
        return dict(zip(ledger.architectures, notes, strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers")


@pytest.fixture(scope="module")
def alone(folder: Path) -> Path:
    """A run that measured everything by itself."""
    finish(start(*OPTIONS, "--out", "alone", cwd=folder))
    return folder / "alone"


@pytest.fixture(scope="module")
def shared(folder: Path) -> Path:
    """A run with workers that keeps its labels in a storage of its own; one worker is killed."""
    place = ("--storage", "kept.db", "--out", "shared")
    process = start(*OPTIONS, "--workers", "2", *place, cwd=folder)
    wait(lambda: len(workers(process)) == 2)
    killed = workers(process)[0]
    wait(lambda: (folder / "kept.db").exists())
    wait(lambda: counts(folder / "kept.db", "shared").get("COMPLETE", 0) > 2)
    os.kill(killed, signal.SIGKILL)
    said = finish(process)
    assert "Labels: study 'shared' of kept.db" in said
    return folder / "shared"


def test_workers_give_the_labels_and_the_ranking_of_a_run_without(
    folder: Path, alone: Path, shared: Path
) -> None:
    assert labels(folder / "kept.db", "shared") == labels(alone / "labels.db")
    assert (shared / "ranking.csv").read_bytes() == (alone / "ranking.csv").read_bytes()
    assert not (shared / "labels.db").exists()


def test_report_reads_the_labels_from_where_they_are_kept(folder: Path, shared: Path) -> None:
    written = (shared / "report.html").read_text()
    assert "the ledger" not in written
    command = [sys.executable, "-c", "from ctnas.cli.report import main; main()"]
    finish(start("shared", cwd=folder, command=command))
    assert (shared / "report.html").read_text() == written


def test_other_run_cannot_take_a_study_over(folder: Path, shared: Path) -> None:
    place = ("--storage", "kept.db", "--study", "shared", "--out", "other")
    error = finish(start(*OPTIONS, "--workers", "1", *place, cwd=folder), code=2)
    assert "study 'shared' of kept.db belongs to another run" in error


def test_worker_refuses_what_is_not_the_run_of_its_study(
    folder: Path, shared: Path, alone: Path
) -> None:
    study = ("--storage", "kept.db", "--study", "shared", "--idle", "0")
    error = finish(start(*study, "--run", "nowhere", cwd=folder, command=LABEL), code=2)
    assert "there is no 'nowhere/config.toml'" in error
    config = (alone / "config.toml").read_text()
    (alone / "config.toml").write_text(config.replace("seed = 0", "seed = 1"))
    error = finish(start(*study, "--run", "alone", cwd=folder, command=LABEL), code=2)
    (alone / "config.toml").write_text(config)
    assert "the settings in 'alone' are not those of study 'shared'" in error
    # The same settings and the same supernet are as good as the run's own.
    assert "Labels written: 0" in finish(start(*study, "--run", "alone", cwd=folder, command=LABEL))


def test_run_whose_processes_are_stopped_and_killed_goes_on_to_the_same_bytes(
    folder: Path, alone: Path
) -> None:
    ledger = folder / "stopped" / "labels.db"
    process = start(*OPTIONS, "--workers", "2", "--out", "stopped", cwd=folder)
    wait(ledger.exists)
    pids = wait_for_labels(process, ledger, 3)
    process.send_signal(signal.SIGTERM)
    assert "go on with --resume stopped" in finish(process, code=143)
    # What they were measuring was given back before the search ended.
    assert not any(map(command_line, pids))
    assert "RUNNING" not in counts(ledger)
    before = labels(ledger)

    process = start("--resume", "stopped", cwd=folder)
    pids = wait_for_labels(process, ledger, len(before) + 3)
    process.kill()
    finish(process, code=-signal.SIGKILL)
    wait(lambda: not any(map(command_line, pids)))
    assert before.items() <= labels(ledger).items()

    # By a worker that was started by hand.
    process = start("--resume", "stopped", "--workers", "0", cwd=folder)
    worker = start("--storage", "stopped/labels.db", cwd=folder, command=LABEL)
    finish(process)
    worker.send_signal(signal.SIGINT)
    finish(worker, code=130)
    assert labels(ledger) == labels(alone / "labels.db")
    ranking = (folder / "stopped" / "ranking.csv").read_bytes()
    assert ranking == (alone / "ranking.csv").read_bytes()


def test_workers_measure_rounds_of_queries_to_the_same_bytes(folder: Path) -> None:
    options = (*OPTIONS, "--initial", "30", "--batch", "4")
    finish(start(*options, "--out", "rounds", cwd=folder))
    place = ("--workers", "2", "--out", "shared-rounds")
    process = start(*options, *place, cwd=folder)
    ledger = folder / "shared-rounds" / "labels.db"
    wait_for_labels(process, ledger, 33)
    process.kill()
    finish(process, code=-signal.SIGKILL)
    said = finish(start("--resume", "shared-rounds", cwd=folder))
    assert "Round 1 of 3: choose" not in said
    found = labels(ledger)
    assert [source for _, source, _ in found.values()].count("adaptive") == 10
    assert found == labels(folder / "rounds" / "labels.db")
    ranking = (folder / "shared-rounds" / "ranking.csv").read_bytes()
    assert ranking == (folder / "rounds" / "ranking.csv").read_bytes()


@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: ctnas[ray]")
def test_tasks_of_a_cluster_give_the_same(folder: Path, alone: Path) -> None:
    finish(start(*OPTIONS, "--engine", "ray", "--workers", "2", "--out", "ray", cwd=folder))
    assert labels(folder / "ray" / "labels.db") == labels(alone / "labels.db")
    ranking = (folder / "ray" / "ranking.csv").read_bytes()
    assert ranking == (alone / "ranking.csv").read_bytes()
