"""What a run takes from a table, and what it refuses before it has begun."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ctnas.app.directory import check_vacant
from ctnas.app.progress import SilentProgress
from ctnas.cli.search import main
from ctnas.errors import ConfigurationError, CtnasError, LabelError
from ctnas.labels import LabelSet, Ledger
from ctnas.labels.tables import read_blocks
from ctnas.run.config import RunConfig, preset_config
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import read_label_table
from ctnas.run.pipeline import run
from ctnas.spaces import NasBench201Space

SPACE = NasBench201Space()
BATCH = SPACE.sample(40, seed=0)
LATENCY = np.random.default_rng(0).permutation(40) / 8 + 1
TINY = {"iterations": 2, "space": "nasbench201", "provider": "cpu", "queries": 40}

Refused = Callable[..., str]


def write(path: Path, name: str, values: object) -> Path:
    lines = [f"{t},{v}" for t, v in zip(SPACE.format(BATCH), list(values), strict=False)]  # type: ignore[call-overload]
    path.write_text("\n".join([f"architecture,{name}", *lines]))
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "labels.csv", "accuracy", LATENCY)


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a command that must fail in one line and leave `out` as if it had not been run."""

    def refused(*options: object) -> str:
        with pytest.raises(SystemExit) as caught:
            main([*map(str, options), "--out", str(tmp_path / "out")])
        assert caught.value.code == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        if (tmp_path / "out").exists():
            check_vacant(tmp_path / "out")
        return error

    return refused


def read(**options: object) -> tuple[RunConfig, LabelSet | None, list[str]]:
    said: list[str] = []
    config, labels = read_label_table(RunConfig(space="nasbench201", **options), said.append)  # type: ignore[arg-type]
    return config, labels, said


def test_all_rows_are_used_unless_queries_are_given(table: Path) -> None:
    config, labels, said = read(labels=table)
    assert labels is not None
    assert config.queries == len(labels) == 40
    assert said == [f"Labels: 40 of 40 in {table}, metric accuracy"]
    assert read(labels=table, queries=15)[2] == [f"Labels: 15 of 40 in {table}, metric accuracy"]
    assert read(labels=table, queries=90)[2][0].endswith("fewer than the 90 of --queries")


def test_rows_of_architectures_measured_again_are_counted(table: Path) -> None:
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines, lines[3], lines[5]]))
    _, labels, said = read(labels=table)
    assert labels is not None
    assert labels.counts.sum() == 42
    assert said[0].endswith("metric accuracy; 42 measurements of 40 architectures")
    with pytest.raises(LabelError, match="rows 4 and 42 are the same architecture"):
        read(labels=table, repeated="error")


def test_rows_that_cannot_be_used_are_counted(table: Path) -> None:
    lines = table.read_text().splitlines()
    lines[6] = f"{lines[6].rpartition(',')[0]},N/A"
    lines[8] = "nonsense,1"
    table.write_text("\n".join(lines))
    with pytest.raises(LabelError, match="row 7: accuracy is 'N/A', not a number"):
        read(labels=table)
    config, _, said = read(labels=table, skip_invalid=True)
    assert config.queries == 38
    assert said[1].startswith("Left out, as 2 rows cannot be used; the first is ")
    assert "row 7: accuracy is 'N/A'" in said[1]


@pytest.mark.parametrize("option", ["minimize", "skip_invalid"])
def test_options_of_a_table_need_one(option: str) -> None:
    with pytest.raises(ConfigurationError, match="belongs to --labels"):
        RunConfig(**{option: True})  # type: ignore[arg-type]


def test_numbers_of_numpy_are_numbers() -> None:
    config = RunConfig(seed=np.uint64(2**64 - 1), queries=np.int16(50), confirm=3.0)  # type: ignore[arg-type]
    assert (config.seed, config.queries, config.confirm) == (2**64 - 1, 50, 3)
    assert {type(number) for number in (config.seed, config.queries, config.confirm)} == {int}


def test_equal_labels_are_refused_before_anything_is_written(
    tmp_path: Path, refused: Refused
) -> None:
    table = write(tmp_path / "equal.csv", "accuracy", np.full(40, 0.5))
    error = refused("--labels", table, "--space", "nasbench201")
    assert error.endswith(
        "equal.csv: all 40 labels of accuracy are 0.5: they say nothing about which architecture "
        "is better\n"
    )


def test_what_would_fail_later_is_refused_before(
    tmp_path: Path, table: Path, refused: Refused
) -> None:
    given = ("--labels", table, "--space", "nasbench201")
    assert "does not know multiply-adds" in refused(*given, "--max-madds", "1M")
    assert "does not know multiply-adds" in refused(*given, "--objective", "accuracy,madds")
    assert "has no metric 'loss'" in refused(*given, "--metric", "loss")
    assert "at most 18446744073709551615" in refused(*given, "--seed", 2**64)
    (tmp_path / "text.db").write_text("no database, but long enough to be taken for one" * 30)
    assert "is not a ledger" in refused(*given, "--storage", tmp_path / "text.db")
    assert "'/nowhere' does not exist" in refused("--dataset", "/nowhere")


def test_nearly_equal_labels_to_learn_from_are_refused(tmp_path: Path, refused: Refused) -> None:
    # The one that differs is held out with this seed.
    values = np.ones(40)
    for row in range(40):
        values[:] = 1
        values[row] = 2
        labels = LabelSet(SPACE, BATCH, values)
        if np.ptp(labels.split(0.8, seed=0)[0].values) == 0:
            break
    order = np.random.default_rng(0).permutation(40)
    sampled = LabelSet(SPACE, BATCH, values)[np.sort(order)]
    assert np.ptp(sampled.split(0.8, seed=0)[0].values) == 0
    table = write(tmp_path / "nearly.csv", "accuracy", values)
    with pytest.raises(SystemExit):
        main(["--labels", str(table), "--space", "nasbench201", "--out", str(tmp_path / "out")])
    check_vacant(tmp_path / "out")


@pytest.mark.slow
def test_lower_is_better_gives_the_same_run_in_the_users_own_values(tmp_path: Path) -> None:
    low = write(tmp_path / "latency.csv", "latency_ms", LATENCY)
    high = write(tmp_path / "speed.csv", "speed", -LATENCY)
    for path, minimize in ((low, True), (high, False)):
        directory = RunDirectory.create(
            config := preset_config(
                "smoke", labels=path, minimize=minimize, out=tmp_path / path.stem, **TINY
            )
        )
        run(config, directory, SilentProgress())
    tables = [
        next(read_blocks(tmp_path / name / "ranking.csv", None, 100)).cells
        for name in ("latency", "speed")
    ]
    assert tables[0]["architecture"] == tables[1]["architecture"]
    texts = SPACE.format(BATCH)
    shown = [
        (a, float(v))
        for a, v in zip(tables[0]["architecture"], tables[0]["label"], strict=True)
        if v
    ]
    assert shown
    assert all(value == LATENCY[texts.index(text)] for text, value in shown)
    summary = json.loads((tmp_path / "latency" / "summary.json").read_text())
    assert summary["minimize"]
    best = next(each for each in summary["finalists"] if each["name"] == "best sampled")
    assert best["label"] == LATENCY.min() == 1
    with Ledger.open(tmp_path / "latency" / "labels.db") as ledger:
        assert ledger.minimize
        assert sorted(ledger.values) == sorted(LATENCY)
        assert ledger.labels(SPACE).best().measured[0] == 1
    report = (tmp_path / "latency" / "report.html").read_text()
    assert report


def test_a_failed_start_can_be_started_again(tmp_path: Path, table: Path) -> None:
    config = preset_config("smoke", dataset=str(tmp_path / "nowhere"), out=tmp_path / "out")
    for _ in range(2):
        directory = RunDirectory.create(config)
        with pytest.raises(CtnasError, match="does not exist"):
            run(config, directory, SilentProgress())
    assert not directory.kept()
    resumed = preset_config("smoke", labels=table, out=tmp_path / "out", **TINY)
    run(replace(resumed, minimize=True), RunDirectory.create(resumed), SilentProgress())
