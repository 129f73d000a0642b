"""`ctnas-reproduce` as a user runs it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ctnas.benchmarks.paper import targets
from ctnas.benchmarks.paper.config import ReproduceConfig
from ctnas.benchmarks.paper.experiment import Experiment, Result
from ctnas.cli.reproduce import main


def reproduce(*arguments: str) -> int:
    """Return the exit code."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


@pytest.fixture
def chains(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> list[ReproduceConfig]:
    """Put the chains in the place of every experiment; return the options that come."""
    came = []

    def load(_: str, config: ReproduceConfig) -> Experiment:
        came.append(config)
        return experiment

    monkeypatch.setattr(targets, "load_experiment", load)
    return came


def test_a_command_prints_and_writes_everything(
    chains: list[ReproduceConfig], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduce("table1", "--out", str(tmp_path / "out")) == 0
    printed = capsys.readouterr().out
    assert "[6/6] local, 10, seed 2: accuracy, %" in printed
    assert "60.00 ± 1.00" in printed
    assert "Differs from the paper: all of it." in printed
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"runs.jsonl", "chains.csv", "chains.svg"}


def test_results_go_to_a_directory_of_the_experiments_name(
    chains: list[ReproduceConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reproduce("table1") == 0
    assert (tmp_path / "reproduce" / "chains" / "chains.csv").is_file()


def test_several_values_may_follow_an_option(chains: list[ReproduceConfig], tmp_path: Path) -> None:
    words = ("--strategies", "random", "local", "--queries", "100", "172", "--runs", "2")
    assert reproduce("table1", *words, "--out", str(tmp_path)) == 0
    assert chains[0].strategies == ("random", "local")
    assert chains[0].queries == (100, 172)


def test_the_same_command_goes_on(
    chains: list[ReproduceConfig], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.jsonl"
    assert reproduce("table1", "--out", str(tmp_path)) == 0
    first = path.read_text().splitlines()
    path.write_text("\n".join(first[:4]) + "\n")
    capsys.readouterr()
    assert reproduce("table1", "--out", str(tmp_path)) == 0
    assert "4 of 6 runs were finished before" in capsys.readouterr().out
    again = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["key"] for row in again] == [json.loads(line)["key"] for line in first]


def test_a_failed_run_is_reported_after_all_others(
    experiment: Experiment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> Result:
        raise RuntimeError("no luck")

    jobs = (replace(experiment.jobs[0], run=broken), *experiment.jobs[1:])
    failing = replace(experiment, jobs=jobs)
    monkeypatch.setattr(targets, "load_experiment", lambda _target, _config: failing)
    assert reproduce("table1", "--out", str(tmp_path)) == 2
    printed = capsys.readouterr()
    assert printed.err == (
        "ctnas-reproduce: error: 1 of 6 runs failed; the first: random, 5, seed 0: "
        "RuntimeError: no luck\n"
    )
    assert (tmp_path / "chains.csv").is_file()


def test_missing_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reproduce("nasbench201", "--data", str(tmp_path / "nothing")) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no nasbench201_cifar10.csv at" in error


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys, ctnas.cli.reproduce as command\n"
        "try: command.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(bool({'torch', 'optuna', 'matplotlib', 'pyarrow'} & set(sys.modules)))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0
    assert "--strategies" in process.stdout
