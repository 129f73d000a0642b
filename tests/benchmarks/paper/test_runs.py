"""Runs are done once, whatever happens to the others."""

from dataclasses import replace
from pathlib import Path

import pytest

from ctnas.benchmarks.paper.experiment import Experiment, Result
from ctnas.benchmarks.paper.runs import RunLog, carry_out
from ctnas.errors import OutputError


def ignore(_: str) -> None:
    """Drop a message."""


def broken() -> Result:
    raise ValueError("the network\nhas gone")


def test_every_run_is_recorded(experiment: Experiment, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "runs.jsonl")
    assert carry_out(experiment, log, ignore) == []
    reopened = RunLog(tmp_path / "runs.jsonl")
    assert [reopened.result(job) for job in experiment.jobs] == [
        log.result(job) for job in experiment.jobs
    ]
    assert all(reopened.result(job) for job in experiment.jobs)


def test_finished_runs_are_not_repeated(experiment: Experiment, tmp_path: Path) -> None:
    carry_out(experiment, RunLog(tmp_path / "runs.jsonl"), ignore)
    again = replace(experiment, jobs=tuple(replace(job, run=broken) for job in experiment.jobs))
    said: list[str] = []
    assert carry_out(again, RunLog(tmp_path / "runs.jsonl"), said.append) == []
    assert said == ["6 of 6 runs were finished before"]


def test_other_settings_are_another_run(experiment: Experiment, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "runs.jsonl")
    carry_out(experiment, log, ignore)
    job = experiment.jobs[0]
    assert log.result(job) is not None
    assert log.result(replace(job, settings={**job.settings, "queries": 6})) is None


def test_a_run_that_fails_leaves_the_others(experiment: Experiment, tmp_path: Path) -> None:
    jobs = (experiment.jobs[0], replace(experiment.jobs[1], run=broken), *experiment.jobs[2:])
    log = RunLog(tmp_path / "runs.jsonl")
    failures = carry_out(replace(experiment, jobs=jobs), log, ignore)
    assert [(job.seed, reason) for job, reason in failures] == [
        (1, "ValueError: the network has gone")
    ]
    assert [log.result(job) is not None for job in jobs] == [True, False, True, True, True, True]
    assert "ValueError: the network has gone" in (tmp_path / "runs.jsonl").read_text()


def test_a_failed_run_is_tried_again(experiment: Experiment, tmp_path: Path) -> None:
    jobs = (replace(experiment.jobs[0], run=broken), *experiment.jobs[1:])
    carry_out(replace(experiment, jobs=jobs), RunLog(tmp_path / "runs.jsonl"), ignore)
    log = RunLog(tmp_path / "runs.jsonl")
    said: list[str] = []
    assert carry_out(experiment, log, said.append) == []
    assert said[0] == "5 of 6 runs were finished before"
    assert log.result(experiment.jobs[0]) is not None


def test_a_line_that_was_cut_off_costs_one_run(experiment: Experiment, tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    carry_out(experiment, RunLog(path), ignore)
    path.write_bytes(path.read_bytes()[:-10])
    said: list[str] = []
    carry_out(experiment, RunLog(path), said.append)
    assert said[0] == "5 of 6 runs were finished before"
    log = RunLog(path)
    assert all(log.result(job) for job in experiment.jobs)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot use"):
        RunLog(tmp_path / "file" / "runs.jsonl")
