"""A search with all its stages that takes seconds, in processes that can be killed."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from time import monotonic, sleep

from ctnas.comparator.presets import comparator_preset

STAGES = {
    "start": "Run directory",
    "supernet": "Train the supernet",
    "labels": "Measure 13 random",
    "rounds": "Round 1 of 2: measure",
    "comparator": "Fit the comparator",
    "search": "Search",
    "candidates": "Measure 3 candidates",
    "trainings": "Round 1 of 2: train",
    "repetitions": "from scratch once more",
    "finalists": "finalists on test images",
}
"""How the line begins, or ends, with which each stage is announced."""

FULL = ("trainings", "repetitions")
"""Stages that only searches with full trainings have."""

OPTIONS = [
    *("--preset", "smoke", "--supernet.epochs", "4"),
    *("--queries", "18", "--initial", "13", "--batch", "3"),
    *("--provider", "cpu", "--threads", "1", "--quiet", "--heartbeat", "1"),
]

TRAININGS = ("--full-trainings", "8", "--training.epochs", "2", "--supernet.train-images", "120")
"""Further options of a search that trains in two rounds, and repeats trainings."""

_TASKS = Path("/proc/self/task")
_ALLOCATOR = "jemalloc_bg_thd"
"""Thread of Arrow's allocator, which knows about forks."""


def prepare() -> None:
    """Import and do once what every search would begin with.

    Searches are forked from this process: what is killed is the command itself, without the many
    seconds of its imports.
    """
    import matplotlib.pyplot  # noqa: F401, ICN001
    import sklearn.datasets  # noqa: F401
    from tqdm import tqdm

    import ctnas.report.page
    import ctnas.run.full_trainings
    import ctnas.run.pipeline  # noqa: F401
    from ctnas.comparator.nac import NeuralArchitectureComparator
    from ctnas.spaces import get_space

    encoder = comparator_preset("smoke").encoder
    # Its monitor is a thread that lives on after the export.
    tqdm.monitor_interval = 0
    comparator = NeuralArchitectureComparator(get_space("darts"), encoder)
    comparator.label_count, comparator.metric = 1, "none"
    with tempfile.TemporaryDirectory() as folder:
        comparator.export(folder)
    tasks = [path.joinpath("comm").read_text().strip() for path in _TASKS.iterdir()]
    others = [name for name in tasks if name != _ALLOCATOR]
    if len(others) != 1:
        raise RuntimeError(f"a process with threads {others} cannot be forked safely")


class Search:
    """A `ctnas-search` in a process of its own.

    Args:
        arguments: its command line.
        output: file that it writes to.
    """

    def __init__(self, arguments: list[str], output: Path) -> None:
        self._output = output
        output.write_text("")
        self.pid = os.fork()
        if self.pid == 0:
            _run(arguments, output)
        self._code: int | None = None

    def code(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def said(self) -> str:
        """Return what it has written."""
        return self._output.read_text()

    def wait_for(self, text: str, seconds: float = 1800) -> bool:
        """Wait until it has said something; return whether it has, and not ended before."""
        return self._wait(lambda: text in self.said(), seconds)

    def finish(self, seconds: float = 1800) -> int:
        """Wait until it ends; return its exit code."""
        self._wait(lambda: False, seconds)
        assert self._code is not None
        return self._code

    def kill(self) -> None:
        """End it as a crash of the machine would."""
        if self.code() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.finish()

    def _wait(self, condition, seconds: float) -> bool:
        end = monotonic() + seconds
        while self.code() is None:
            if condition():
                return True
            if monotonic() > end:
                self.kill()
                raise TimeoutError(f"no end after {seconds} s: {self.said()}")
            sleep(0.005)
        return condition()


def _run(arguments: list[str], output: Path) -> None:
    """Be the command, in a process that was just forked; never return."""
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    code = 99
    try:
        from ctnas.cli.search import main

        # The test's own writer would be the parent's.
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        main([*arguments])
    except SystemExit as end:
        code = int(end.code or 0)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)
