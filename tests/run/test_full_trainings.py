"""Full trainings of a run: refused where they cannot be, spent once, kept, and chosen by."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ctnas.errors import ConfigurationError
from ctnas.labels import Ledger
from ctnas.retraining import job
from ctnas.retraining.directory import TrainingDirectory
from ctnas.run.config import RunConfig, preset_config
from ctnas.run.directory import RunDirectory
from ctnas.run.inputs import check_start
from ctnas.run.pipeline import run
from ctnas.run.training_jobs import Images, full_config, train_config
from ctnas.settings.resuming import check_resumable

from .test_rounds import Told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"full_trainings": -1}, "full_trainings must be at least 0, not -1"),
        ({"full_trainings": 1.5}, "full_trainings must be a whole number, not 1.5"),
        ({"space": "mobilenetv3"}, "--full-trainings trains networks .* not of 'mobilenetv3'"),
        ({"labels": Path("a.csv")}, "needs images to train on, and --labels a.csv is a table"),
        ({"name": "paper"}, "--full-trainings is no part of preset paper"),
        ({"objective": "accuracy,-latency"}, "chooses by accuracy alone, not by --objective"),
        ({"max_latency": "5ms"}, "chooses by accuracy alone"),
        ({"training": {"devices": 2}}, "training.devices must be 1 with --full-trainings, not 2"),
        ({"training": {"epochs": 0}}, "epochs must be at least 1, not 0"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_done(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        preset_config(**{"name": "default", "full_trainings": 4, **options})


def test_more_trainings_than_architectures_are_refused() -> None:
    config = RunConfig(space="nasbench201", full_trainings=15_626)
    with pytest.raises(ConfigurationError, match=r"at most 15,625, .* 'nasbench201', not 15,626"):
        check_start(config, None)
    check_start(replace(config, full_trainings=15_625), None)


def test_their_number_is_a_total_that_may_be_raised() -> None:
    check_resumable(RunConfig(full_trainings=4), RunConfig(full_trainings=8))
    with pytest.raises(ConfigurationError, match="full-trainings is a total"):
        check_resumable(RunConfig(full_trainings=4), RunConfig(full_trainings=3))


def test_a_full_training_is_judged_by_the_images_that_labels_are_measured_on() -> None:
    config = preset_config("smoke", full_trainings=4, training={"epochs": 7, "momentum": 0.8})
    full = full_config(config, Images(8, 0.25), repetition=2)
    assert (full.epochs, full.momentum, full.cutout, full.repetition) == (7, 0.8, 4, 2)
    assert full.validation_share == 0.25
    assert (full.seed, full.train_images) == (config.seed, config.supernet.train_images)
    assert train_config(config, 8, epochs=3).validation_share == 0.0


def trained(path: Path, repetition: int = 0) -> dict[str, float]:
    with Ledger.open(path / "labels.db", study=f"labels-full-{repetition + 1}") as ledger:
        assert ledger.trial_count() == len(ledger)
        return dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return preset_config(
        "smoke",
        space="nasbench201",
        queries=20,
        initial=15,
        iterations=2,
        full_trainings=6,
        threads=1,
        provider="cpu",
        finalists=2,
        retrain=2,
        supernet={"train_images": 120},
        training={"epochs": 2},
    )


def run_in(path: Path, config: RunConfig, told: Told | None = None) -> list[str]:
    path.mkdir(exist_ok=True)
    told = told or Told()
    run(config, RunDirectory(path), told)
    return told.lines


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Path:
    path = tmp_path_factory.mktemp("full") / "whole"
    run_in(path, config)
    return path


@pytest.mark.slow
def test_every_training_is_a_label_of_its_own_and_has_its_directory(whole: Path) -> None:
    asked = json.loads((whole / "checkpoint" / "training_rounds.json").read_text())["rounds"]
    assert [len(each) for each in asked] == [5, 1]
    first = [text for texts in asked for text, repetition in texts if repetition == 0]
    assert list(trained(whole)) == first
    assert len(list((whole / "trainings").glob("[!.]*-*"))) == 6
    assert not list((whole / "trainings").glob("*/checkpoint.pt"))


@pytest.mark.slow
def test_the_tables_say_what_was_trained_and_how_well(whole: Path) -> None:
    summary = json.loads((whole / "summary.json").read_text())
    full, best = summary["full_trainings"], summary["finalists"][0]
    assert full["trainings"] == 6
    assert full["noise"] > 0
    expected = [each["expected"] for each in full["trained"]]
    assert expected == sorted(expected, reverse=True)
    assert best["architecture"] == full["trained"][0]["architecture"]
    assert best["trained"] == full["trained"][0]["accuracy"]
    assert 0 <= best["trained_test"] <= 1
    table, ranking = rows(whole / "trainings.csv"), rows(whole / "ranking.csv")
    texts = [each["architecture"] for each in full["trained"]]
    assert [row["architecture"] for row in table] == texts
    assert [row["architecture"] for row in ranking[: len(texts)]] == texts
    assert [row["trainings"] for row in ranking[len(texts) :]] == ["0"] * (10 - len(texts))
    means = {text: value for text, value in trained(whole).items() if text in texts}
    single = [row for row in table if row["trainings"] == "1"]
    assert all(float(row["accuracy"]) == means[row["architecture"]] for row in single)
    assert "Full trainings" in (whole / "report.html").read_text()
    # The best and the median of the random sample are trained like all others.
    assert {each["trainings"] > 0 for each in summary["finalists"][-2:]} == {True}


@pytest.mark.slow
def test_what_was_trained_is_written_as_a_network_and_not_trained_again(whole: Path) -> None:
    described = json.loads((whole / "network" / "network.json").read_text())
    best = json.loads((whole / "summary.json").read_text())["best"]["architecture"]
    assert described["architecture"] == best
    assert "/trainings/" in described["weights"]
    assert not list(whole.glob("retrained-*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "breaks", ["Round 1 of 2: train 5 architectures from scratch, number 2", "Search"]
)
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    whole: Path, config: RunConfig, tmp_path: Path, breaks: str
) -> None:
    path = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run_in(path, config, Told(breaks))
    run_in(path, config)
    for name in ("ranking.csv", "trainings.csv"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.slow
def test_a_run_that_has_ended_trains_nothing_again(
    whole: Path, config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run"
    shutil.copytree(whole, path)

    def refuse(*_: object) -> None:
        raise AssertionError("a training that has ended was begun again")

    monkeypatch.setattr(job, "train", refuse)
    run_in(path, replace(config, retrain=None))
    assert (path / "ranking.csv").read_bytes() == (whole / "ranking.csv").read_bytes()


@pytest.mark.slow
def test_raised_trainings_go_on_from_those_that_were_made(
    whole: Path, config: RunConfig, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    run_in(path, replace(config, full_trainings=8, retrain=None))
    before, after = trained(whole), trained(path)
    assert before.items() <= after.items()
    full = json.loads((path / "summary.json").read_text())["full_trainings"]
    assert full["trainings"] == 8


@pytest.mark.slow
def test_a_longer_retraining_is_a_training_of_its_own(
    whole: Path, config: RunConfig, tmp_path: Path
) -> None:
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    run_in(path, replace(config, retrain=3))
    (retrained,) = path.glob("retrained-*")
    stored = TrainingDirectory(retrained).read()[0]
    assert (stored.epochs, stored.validation_share) == (3, 0.0)
