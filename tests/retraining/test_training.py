"""Training from scratch: it learns, is reproducible, and survives interruption."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ctnas.errors import ConfigurationError, TrainingError
from ctnas.training.image_set import ImagesInMemory

SPACES = ["darts", "nasbench101", "nasbench201"]


class StopError(Exception):
    pass


def stop_after(steps):
    def progress(done, total):
        if done == steps:
            raise StopError

    return progress


def weights(training):
    return torch.cat([w.flatten().double() for w in training.network.state_dict().values()])


@pytest.mark.parametrize("space", SPACES)
def test_resumed_training_equals_uninterrupted_training(make, tmp_path, space):
    whole = make(space)
    score = whole.run(tmp_path / "whole.pt")
    checkpoint = tmp_path / "checkpoint.pt"
    # Three steps an epoch: a stop in the middle of the first, the second and the last one.
    for steps in (2, 5, 11):
        with pytest.raises(StopError):
            make(space).run(checkpoint, stop_after(steps))
    resumed = make(space)
    assert resumed.run(checkpoint) == pytest.approx(score, nan_ok=True)
    assert torch.equal(weights(resumed), weights(whole))
    assert [row["loss"] for row in resumed.state.history] == [
        row["loss"] for row in whole.state.history
    ]


@pytest.mark.parametrize("space", SPACES)
def test_a_network_learns(make, config, tmp_path, space):
    settings = replace(config, epochs=15, path_dropout=0.0, cutout=0, learning_rate=0.05)
    assert make(space, settings).run(tmp_path / "checkpoint.pt").accuracy > 0.9


def test_parts_of_a_batch_add_up_to_nearly_the_whole(make, config, tmp_path):
    settings = replace(config, epochs=1, path_dropout=0.0)
    whole, parts = make(settings=settings), make(settings=replace(settings, accumulate=2))
    whole.run(tmp_path / "whole.pt")
    parts.run(tmp_path / "parts.pt")
    one, other = weights(whole), weights(parts)
    # Batch normalization sees the parts one by one.
    assert 0 < (one - other).norm() / one.norm() < 0.2


def test_rows_of_the_history_say_what_happened(make, tmp_path):
    training = make()
    training.run(tmp_path / "checkpoint.pt")
    history = training.state.history
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    assert history[0]["learning_rate"] == 0.025
    assert np.isfinite([row["accuracy"] for row in history]).tolist() == [False, True, False, True]


def test_learning_rates_follow_the_schedule(make, config, tmp_path):
    settings = replace(config, schedule="exponential", final_learning_rate=0.025 / 16)
    training = make(settings=settings)
    training.run(tmp_path / "checkpoint.pt")
    rates = [row["learning_rate"] for row in training.state.history]
    assert rates == pytest.approx([0.025, 0.0125, 0.00625, 0.003125])


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(make, config, tmp_path):
    checkpoint = tmp_path / "checkpoint.pt"
    settings = replace(config, learning_rate=0.025)
    with pytest.raises(StopError):
        make(settings=settings).run(checkpoint, stop_after(7))
    before = checkpoint.read_bytes()
    training = make(settings=settings)
    training.descent._learning_rate = dict.fromkeys(range(12), 1e30).__getitem__
    training.descent._clip = 1e30
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf).*keeps the 2 finished epochs"):
        training.run(checkpoint)
    assert checkpoint.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": 6}, "made with channels 4, not 6"),
        ({"cutout": 0}, "made with cutout 3, not 0"),
        ({"seed": 6}, "made with seed 5, not 6"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(make, config, tmp_path, change, message):
    checkpoint = tmp_path / "checkpoint.pt"
    make().run(checkpoint)
    with pytest.raises(ConfigurationError, match=message):
        make(settings=replace(config, **change)).run(checkpoint)


def test_a_checkpoint_of_another_architecture_or_space_is_refused(make, tmp_path):
    checkpoint = tmp_path / "checkpoint.pt"
    make().run(checkpoint)
    with pytest.raises(ConfigurationError, match="made with space 'darts', not 'nasbench201'"):
        make("nasbench201").run(checkpoint)
    with pytest.raises(ConfigurationError, match="made with architecture"):
        make(seed=1).run(checkpoint)


def test_a_checkpoint_may_be_continued_elsewhere(make, config, tmp_path):
    checkpoint = tmp_path / "checkpoint.pt"
    with pytest.raises(StopError):
        make().run(checkpoint, stop_after(7))
    whole, elsewhere = make(), make(settings=replace(config, workers=2, device="cpu"))
    whole.run(tmp_path / "whole.pt")
    elsewhere.run(checkpoint)
    assert torch.equal(weights(whole), weights(elsewhere))


def test_too_little_memory_names_the_batch_size_and_what_to_lower(make, tmp_path, monkeypatch):
    training = make()

    def exhausted(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(training.descent, "step", exhausted)
    with pytest.raises(TrainingError, match=r"16 images at a time.*accumulate to 2.*batch-size"):
        training.run(tmp_path / "checkpoint.pt")


def test_held_back_images_judge_in_place_of_test_images(make, splits, tmp_path):
    training = make()
    training.run(tmp_path / "checkpoint.pt")
    wrong = ImagesInMemory(splits.test.images, 1 - splits.test.labels)
    right = training.evaluate().accuracy
    training._judges = wrong
    assert training.evaluate().accuracy == pytest.approx(1 - right)
