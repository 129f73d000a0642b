"""Interrupted and resumed training of a supernet equals uninterrupted training."""

from dataclasses import replace

import pytest
import torch

from ctnas.errors import ConfigurationError, ModelError
from ctnas.spaces import get_space
from ctnas.supernet import Evaluator, train_supernet, train_supernets


class StopError(Exception):
    pass


def stop_after(steps):
    def progress(done, total):
        if done == steps:
            raise StopError

    return progress


def weights(supernet):
    return torch.cat([weight.flatten() for weight in supernet.state_dict().values()])


@pytest.mark.parametrize("name", ["darts", "nasbench101", "nasbench201"])
@pytest.mark.parametrize("sampling", ["uniform", "fair"])
def test_resumed_training_equals_uninterrupted_training(splits, config, tmp_path, name, sampling):
    # As many channels as the cells of all spaces need.
    space, config = get_space(name), replace(config, sampling=sampling, channels=5)
    whole = train_supernet(space, splits, config, seed=7)
    checkpoint = tmp_path / "training.pt"
    # Three steps an epoch: the first stop loses a part of the second epoch.
    for steps in (5, 8):
        with pytest.raises(StopError):
            train_supernet(
                space, splits, config, seed=7, checkpoint=checkpoint, progress=stop_after(steps)
            )
    resumed = train_supernet(space, splits, config, seed=7, checkpoint=checkpoint)
    assert torch.equal(weights(resumed), weights(whole))


def test_finished_training_is_not_repeated(space, splits, config, tmp_path):
    checkpoint = tmp_path / "training.pt"
    first = train_supernet(space, splits, config, seed=7, checkpoint=checkpoint)
    again = train_supernet(
        space, splits, config, seed=7, checkpoint=checkpoint, progress=stop_after(1)
    )
    assert torch.equal(weights(first), weights(again))


@pytest.mark.slow
def test_weights_of_the_last_epochs_survive_an_interruption(space, splits, config, tmp_path):
    config = replace(config, epochs=4, label_epochs=3)
    whole = train_supernets(space, splits, config, seed=7)
    checkpoint = tmp_path / "training.pt"
    with pytest.raises(StopError):
        train_supernets(
            space, splits, config, seed=7, checkpoint=checkpoint, progress=stop_after(10)
        )
    resumed = train_supernets(space, splits, config, seed=7, checkpoint=checkpoint)
    assert len(whole) == len(resumed) == 3
    for one, other in zip(whole, resumed, strict=True):
        assert torch.equal(weights(one), weights(other))
    assert not torch.equal(weights(whole[0]), weights(whole[1]))


def test_a_label_is_the_mean_over_the_last_epochs(space, splits, config):
    supernets = train_supernets(space, splits, replace(config, label_epochs=2), seed=7)
    batch = space.sample(3, seed=0)
    mean, *single = (
        list(Evaluator(given, splits, calibration_images=20).measure(batch))
        for given in (supernets, *supernets)
    )
    for place in range(3):
        expected = sum(each[place].accuracy for each in single) / 2
        assert mean[place].accuracy == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": 6}, "made with channels 4, not 6"),
        ({"epochs": 5}, "made with epochs 3, not 5"),
        ({"learning_rate": 0.1}, "made with learning_rate 0.025, not 0.1"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(
    space, splits, config, tmp_path, change, message
):
    checkpoint = tmp_path / "training.pt"
    train_supernet(space, splits, config, checkpoint=checkpoint)
    with pytest.raises(ConfigurationError, match=message):
        train_supernet(space, splits, replace(config, **change), checkpoint=checkpoint)


def test_a_checkpoint_of_another_space_or_seed_is_refused(space, splits, config, tmp_path):
    checkpoint = tmp_path / "training.pt"
    train_supernet(space, splits, config, checkpoint=checkpoint)
    with pytest.raises(ConfigurationError, match="made with space 'darts', not 'nasbench201'"):
        train_supernet(get_space("nasbench201"), splits, config, checkpoint=checkpoint)
    with pytest.raises(ConfigurationError, match="made with seed 0, not 1"):
        train_supernet(space, splits, config, seed=1, checkpoint=checkpoint)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_corrupt_checkpoint_is_refused(space, splits, config, tmp_path, content):
    checkpoint = tmp_path / "training.pt"
    train_supernet(space, splits, config, checkpoint=checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:2000] if content is None else content)
    with pytest.raises(ModelError, match=r"training\.pt' is not a checkpoint, or is corrupt"):
        train_supernet(space, splits, config, checkpoint=checkpoint)
