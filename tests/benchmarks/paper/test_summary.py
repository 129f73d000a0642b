"""Means, deviations and best runs beside the paper's, as table, CSV and plot."""

import csv
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ctnas.benchmarks.paper.experiment import Experiment, Line
from ctnas.benchmarks.paper.plot import write_plot
from ctnas.benchmarks.paper.runs import RunLog
from ctnas.benchmarks.paper.summary import Summary, summarize, table_rows, write_csv


@pytest.fixture
def log(experiment: Experiment, tmp_path: Path) -> RunLog:
    """Return finished runs with known figures; the last one is missing."""
    log = RunLog(tmp_path / "runs.jsonl")
    for job, accuracy in zip(experiment.jobs[:-1], (50.0, 52.0, 54.0, 60.0, 62.0), strict=True):
        log.finish(job, {"accuracy": accuracy, "rank": 100 - accuracy})
    return log


@pytest.fixture
def summaries(experiment: Experiment, log: RunLog) -> list[Summary]:
    return summarize(experiment, log)


def test_mean_deviation_and_best_run(summaries: list[Summary]) -> None:
    found = [(s.line.name, s.figure.key, s.mean, s.deviation, s.best) for s in summaries]
    assert found == [
        ("random, 5", "accuracy", 52.0, 2.0, 54.0),
        ("random, 5", "rank", 48.0, 2.0, 46.0),
        ("local, 10", "accuracy", 61.0, pytest.approx(2**0.5), 62.0),
        ("local, 10", "rank", 39.0, pytest.approx(2**0.5), 38.0),
    ]


def test_the_table_has_the_paper_beside_ours(summaries: list[Summary]) -> None:
    assert table_rows(summaries)[:3] == [
        ("random, 5", "", "", "", "", ""),
        ("  accuracy, %", "60.00 ± 1.00", "61.50", "52.00 ± 2.00", "54.00", "3"),
        ("  rank, %", "-", "-", "48.0000 ± 2.0000", "46.0000", "3"),
    ]


def test_the_csv_holds_every_figure(summaries: list[Summary], tmp_path: Path) -> None:
    write_csv(tmp_path / "chains.csv", summaries)
    with (tmp_path / "chains.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 4
    assert rows[0] == {
        "line": "random, 5",
        "figure": "accuracy",
        "runs": "3",
        "mean": "52",
        "deviation": "2",
        "best": "54",
        "paper_mean": "60",
        "paper_deviation": "1",
        "paper_best": "61.5",
    }
    assert rows[1]["paper_mean"] == ""


def test_one_run_has_no_deviation(experiment: Experiment, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "one.jsonl")
    log.finish(experiment.jobs[0], {"accuracy": 50.0})
    assert table_rows(summarize(experiment, log))[1][3] == "50.00"


def test_plots_are_svg_with_every_line(
    experiment: Experiment, summaries: list[Summary], tmp_path: Path
) -> None:
    write_plot(tmp_path / "chains.svg", experiment, summaries)
    text = "".join(ET.parse(tmp_path / "chains.svg").getroot().itertext())
    assert all(name in text for name in ("Chains", "accuracy, %", "rank, %", "random, 5"))


def test_lines_with_positions_become_curves(experiment: Experiment, tmp_path: Path) -> None:
    curve = tuple(
        replace(job, line=Line(job.line.name, job.line.published, "ours", 5.0 + job.seed))
        for job in experiment.jobs
    )
    experiment = replace(experiment, jobs=curve, axis="labels")
    log = RunLog(tmp_path / "curve.jsonl")
    for job in experiment.jobs:
        log.finish(job, {"accuracy": 50.0 + job.seed})
    write_plot(tmp_path / "curve.svg", experiment, summarize(experiment, log))
    text = "".join(ET.parse(tmp_path / "curve.svg").getroot().itertext())
    assert all(name in text for name in ("labels", "ours", "published"))
    assert "mathdefault" not in text


def test_without_a_finished_run_there_is_no_plot(experiment: Experiment, tmp_path: Path) -> None:
    write_plot(tmp_path / "none.svg", experiment, [])
    assert not (tmp_path / "none.svg").exists()
