"""Carries out the runs of an experiment, each once: what is finished stays finished."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from ctnas.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ctnas.benchmarks.paper.experiment import Experiment, Job, Result

RUNS_FILE = "runs.jsonl"


class RunLog:
    """A file with one JSON object a line for every run, durable when `append` returns.

    Args:
        path: the file; what it holds already is read. A line that was cut off is ignored.

    Raises:
        OutputError: if it can be neither read nor made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[str, Result] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            # A line that was cut off must not swallow the next one.
            self._separator = "\n" if text and not text.endswith("\n") else ""
        except OSError as error:
            raise OutputError(f"cannot use {str(path)!r}: {error.strerror or error}") from None
        for line in text.splitlines():
            self._read(line)

    def result(self, job: Job) -> Result | None:
        """Return the figures of a finished run, or None."""
        return self._results.get(_identity(job.key))

    def finish(self, job: Job, result: Result) -> None:
        """Record a run that succeeded."""
        self._append({"key": job.key, "result": dict(result)})
        self._results[_identity(job.key)] = result

    def fail(self, job: Job, reason: str) -> None:
        """Record a run that failed; it is tried again the next time."""
        self._append({"key": job.key, "error": reason})

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
            self._results[_identity(row["key"])] = dict(row["result"])
        except (ValueError, KeyError, TypeError):
            return

    def _append(self, row: Mapping[str, Any]) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(self._separator + json.dumps(row) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise OutputError(f"cannot write {str(self._path)!r}: {error.strerror}") from None
        self._separator = ""


def carry_out(
    experiment: Experiment, log: RunLog, say: Callable[[str], None]
) -> list[tuple[Job, str]]:
    """Do every run that is not finished; seeds take turns, so that all lines grow alike.

    Args:
        experiment: the runs.
        log: where they are recorded.
        say: gets a line for every run.

    Returns:
        The runs that failed, and why.
    """
    failures = []
    waiting = [job for job in experiment.jobs if log.result(job) is None]
    done = len(experiment.jobs) - len(waiting)
    if done:
        say(f"{done} of {len(experiment.jobs)} runs were finished before")
    for number, job in enumerate(sorted(waiting, key=lambda job: job.seed), start=done + 1):
        place = f"[{number}/{len(experiment.jobs)}] {job.line.name}, seed {job.seed}"
        try:
            result = job.run()
        except OutputError:
            raise
        except Exception as error:
            # Whatever went wrong, the other runs are worth as much as before.
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            log.fail(job, reason)
            failures.append((job, reason))
            say(f"{place}: failed: {reason}")
        else:
            log.finish(job, result)
            say(f"{place}: {_shown(experiment, result)}")
    return failures


def _shown(experiment: Experiment, result: Result) -> str:
    return ", ".join(
        f"{figure.title} {result[figure.key]:.{figure.digits}f}"
        for figure in experiment.figures
        if figure.key in result
    )


def _identity(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)
