"""Objectives and limits of a run: where their values come from, and what is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest

from ctnas.app.progress import SilentProgress
from ctnas.errors import ConfigurationError
from ctnas.labels.place import LedgerPlace
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import read_label_table
from ctnas.run.label_sources import TableSource, find_targets, label_source
from ctnas.searching.targets import Targets
from ctnas.spaces import get_space

SPACE = get_space("nasbench201")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table of 40 architectures: every convolution adds accuracy and latency."""
    batch = SPACE.sample(40, seed=0)
    convolutions = (batch.decisions == 3).sum(axis=1)
    noise = np.random.default_rng(0).normal(0, 0.2, (2, 40))
    path = tmp_path_factory.mktemp("targets") / "table.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["architecture", "accuracy", "latency_ms"])
        rows.writerows(
            zip(
                SPACE.format(batch),
                convolutions + noise[0],
                5 + convolutions + noise[1],
                strict=True,
            )
        )
    return path


def make(table: Path, tmp_path: Path, **options: object) -> Targets:
    config = RunConfig(labels=table, space="nasbench201", **options)  # type: ignore[arg-type]
    config, labels = read_label_table(config, lambda _: None)
    run = RunContext(config, RunDirectory(tmp_path), SilentProgress())
    source = label_source(run, labels)
    assert isinstance(source, TableSource)
    targets = find_targets(run, source, LedgerPlace(tmp_path / "labels.db"))
    assert targets is not None
    return targets


def test_the_front_is_written_best_first_with_how_it_grew(table: Path, tmp_path: Path) -> None:
    targets = make(table, tmp_path, objective="accuracy,-latency_ms")
    config = RunConfig(labels=table, space="nasbench201", metric="accuracy")
    labels = read_label_table(config, lambda _: None)[1]
    assert labels is not None
    measured = targets.measured(labels)
    targets.write(tmp_path / "pareto.csv", tmp_path / "objectives.csv", measured, random=20)
    with (tmp_path / "pareto.csv").open() as file:
        front = [(float(r["accuracy"]), float(r["latency_ms"])) for r in csv.DictReader(file)]
    assert front == sorted(front, reverse=True)
    values = list(zip(labels.measured, measured.values["latency_ms"], strict=True))
    for accuracy, latency in front:
        assert not any(
            a >= accuracy and b <= latency and (a, b) != (accuracy, latency) for a, b in values
        )
    with (tmp_path / "objectives.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(row["on_front"] == "true" for row in rows) == len(front)
    volumes = [float(row["hypervolume"]) for row in rows]
    assert volumes == sorted(volumes)
    assert volumes[-1] > 0
    alone = [float(row["random_hypervolume"]) for row in rows[:20]]
    assert alone == sorted(alone)
    # In whatever order the random ones came, all of them dominate as much.
    assert alone[-1] == pytest.approx(volumes[19])
    assert all(row["random_hypervolume"] in ("", "nan") for row in rows[20:])


def test_limits_hold_for_everything_that_is_offered(table: Path, tmp_path: Path) -> None:
    targets = make(table, tmp_path, objective="accuracy,-latency_ms", max=("latency_ms=7",))
    config = RunConfig(labels=table, space="nasbench201", metric="accuracy")
    labels = read_label_table(config, lambda _: None)[1]
    assert labels is not None
    measured = targets.measured(labels)
    latency = dict(
        zip(SPACE.format(labels.architectures), measured.values["latency_ms"], strict=True)
    )
    assert max(latency[text] for text in SPACE.format(targets.best(measured))) <= 7
    kept = targets.offers(labels, labels.architectures)
    assert kept.tolist() == (measured.values["latency_ms"] <= 7).tolist()


def test_a_further_objective_has_labels_of_its_own(table: Path, tmp_path: Path) -> None:
    targets = make(table, tmp_path, objective="accuracy,-latency_ms")
    config = RunConfig(labels=table, space="nasbench201", metric="accuracy")
    labels = read_label_table(config, lambda _: None)[1]
    assert labels is not None
    ((name, further),) = targets.label_sets(targets.measured(labels)).items()
    assert (name, further.metric, further.minimize) == ("latency_ms", "latency_ms", True)
    assert (further.values == -further.measured).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "accuracy,-watts"}, "metric 'watts': .*accuracy, latency_ms"),
        ({"max": ("latency_ms=1",)}, r"nothing in table.csv keeps latency_ms <= 1: the best is 4"),
        ({"min": ("watts=1",)}, "metric 'watts'"),
    ],
)
def test_metrics_that_exist_nowhere_and_limits_that_nothing_keeps_are_refused(
    options: dict[str, object], message: str, table: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make(table, tmp_path, **options)


def test_of_several_columns_the_first_objective_names_the_label(table: Path) -> None:
    for objective in ("accuracy", "accuracy,madds"):
        config = RunConfig(labels=table, space="nasbench201", objective=objective)
        labels = read_label_table(config, lambda _: None)[1]
        assert labels is not None
        assert labels.metric == "accuracy"


def test_the_first_objective_is_the_label(table: Path) -> None:
    config = RunConfig(labels=table, space="nasbench201", objective="-latency_ms,accuracy")
    assert (config.metric, config.minimize) == ("latency_ms", True)
    assert RunConfig().metric is None
    assert RunConfig(objective="accuracy,-latency").metric == "accuracy"
    assert RunConfig(objective="accuracy,madds").metric is None
    with pytest.raises(ConfigurationError, match="they are the same thing"):
        RunConfig(objective="log_likelihood,-latency", metric="accuracy")


@pytest.mark.parametrize(
    ("time", "bound"), [("5ms", 5.0), ("300us", 0.3), ("0.1s", 100.0), ("2 ms", 2.0)]
)
def test_a_latency_is_limited_in_any_unit_of_time(time: str, bound: float) -> None:
    (limit,) = RunConfig(max_latency=time).limits
    assert (limit.name, limit.is_largest) == ("latency", True)
    assert limit.bound == pytest.approx(bound)


@pytest.mark.parametrize("time", ["5", "fast", "-1ms", "ms"])
def test_what_is_no_time_is_refused(time: str) -> None:
    with pytest.raises(ConfigurationError, match="a latency is a time such as 5ms"):
        RunConfig(max_latency=time)
