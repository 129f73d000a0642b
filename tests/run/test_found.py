"""The best architecture of a run, trained from scratch at its end."""

import json
from pathlib import Path

import pytest

from ctnas.app.progress import SilentProgress
from ctnas.errors import ConfigurationError
from ctnas.networks import check_network
from ctnas.retraining import job
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.run.found import found_network, retrain_best
from ctnas.run.training_jobs import Images, train_config
from ctnas.spaces import get_space
from ctnas.supernet import SupernetConfig

SPACE = get_space("nasbench201")
TEXT = SPACE.format(SPACE.sample(1, seed=1))[0]


@pytest.mark.slow
def test_the_best_is_trained_once_and_written_as_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = RunConfig(
        space="nasbench201", retrain=1, threads=1, supernet=SupernetConfig(train_images=120)
    )
    directory = RunDirectory(tmp_path)
    arguments = RunContext(config, directory, SilentProgress()), SPACE, TEXT, Images(8, 0.3)
    described = retrain_best(*arguments)
    (training,) = tmp_path.glob("retrained-*")
    summary = json.loads((training / "summary.json").read_text())
    assert described["architecture"] == TEXT
    assert described["accuracy"]["value"] == pytest.approx(summary["accuracy"])
    found = found_network(training)
    findings = list(check_network(directory.network, found))
    assert [str(each) for each in findings if not each.passed] == []

    def refuse(*_: object) -> None:
        raise AssertionError("a training that has ended was begun again")

    monkeypatch.setattr(job, "train", refuse)
    assert retrain_best(*arguments) == described


def test_a_small_image_loses_half_of_its_side_to_cutout() -> None:
    config = RunConfig(retrain=5)
    sizes = (8, 32, 224)
    assert [train_config(config, size, epochs=5).cutout for size in sizes] == [4, 16, 16]
    assert train_config(config, 8, epochs=5).epochs == 5


def test_a_space_without_networks_to_train_is_refused_before_the_search() -> None:
    with pytest.raises(ConfigurationError, match="not of 'mobilenetv3'"):
        RunConfig(space="mobilenetv3", retrain=1)
