"""Progressive shrinking: its stages, what a step learns from, and that it survives interruption."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from ctnas.errors import ConfigurationError, TrainingError
from ctnas.spaces import MobileNetV3Space
from ctnas.spaces.mobilenetv3.config import MobileNetV3Config
from ctnas.spaces.mobilenetv3.schedule import Schedule, draw_subnets
from ctnas.supernet import Evaluator, ImageSplits, SupernetConfig, train_supernet, train_supernets
from ctnas.supernet.build import build_supernet
from ctnas.supernet.training import make_training
from ctnas.training.fabric import make_fabric
from ctnas.training.image_set import ImagesInMemory


class StopError(Exception):
    pass


def stop_after(steps):
    def progress(done, total):
        if done == steps:
            raise StopError

    return progress


def stripes(count, seed):
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = generator.integers(0, 60, (count, 3, 8, 8))
    images[labels == 0, :, ::2] += 150
    images[labels == 1, :, :, ::2] += 150
    return ImagesInMemory(
        torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels.astype(np.int64))
    )


@pytest.fixture(scope="module")
def splits():
    sets = (stripes(count, seed) for seed, count in enumerate((48, 30, 26)))
    return ImageSplits("stripes", ("rows", "columns"), *sets)


SMALL = MobileNetV3Config(
    width=0.1,
    stem_stride=1,
    unit_strides=(2, 1, 1, 1, 1),
    epochs=(1, 1, 1, 1, 1, 1),
    warmup_epochs=(0, 0, 0, 1, 0, 0),
    subnets=(1, 1, 1, 1, 2, 2),
    learning_rates=(0.1, 0.05, 0.02, 0.02, 0.02, 0.02),
    reference_batch=24,
)


@pytest.fixture
def config():
    return SupernetConfig(batch_size=24, calibration_images=20, mobilenetv3=SMALL)


@pytest.fixture
def space(splits, config):
    return MobileNetV3Space(config.layout(splits, "mobilenetv3"))


def weights(supernet):
    return torch.cat([weight.flatten() for weight in supernet.state_dict().values()])


def training_of(space, splits, config):
    torch.manual_seed(0)
    supernet = build_supernet(space.name, space.layout, *splits.channel_statistics())
    return make_training(space, supernet, splits, config, 0, make_fabric(config))


def test_the_defaults_are_the_published_ones():
    stages = MobileNetV3Config().stages(2048)
    assert [stage.name for stage in stages] == [
        *("largest", "kernel", "depth 3", "depth 2", "width 4", "width 3")
    ]
    assert [stage.learning_rate for stage in stages] == [2.6, 0.96, 0.08, 0.24, 0.08, 0.24]
    assert [stage.epochs - stage.warmup for stage in stages] == [180, 120, 25, 120, 25, 120]
    assert [stage.subnets for stage in stages] == [1, 1, 2, 2, 4, 4]
    # One GPU of the 32 has 64 images and a 32nd of the learning rate.
    small = MobileNetV3Config().stages(64)
    assert [stage.learning_rate for stage in small[1:]] == [0.03, 0.0025, 0.0075, 0.0025, 0.0075]


def test_the_learning_rate_rises_and_then_falls_in_every_stage():
    schedule = Schedule(MobileNetV3Config().stages(2048), 10)
    assert schedule.epochs == 185 + 125 + 25 + 125 + 25 + 125
    rates = np.array([schedule.learning_rate(step) for step in range(10 * schedule.epochs)])
    kernel = rates[1850:3100]
    assert (np.diff(kernel[:51]) > 0).all()
    assert kernel[50] == pytest.approx(0.96)
    assert (np.diff(kernel[50:]) < 0).all()
    assert kernel[-1] < 1e-5
    assert rates[3100] == pytest.approx(0.08)


@pytest.mark.parametrize("number", range(6))
def test_a_stage_draws_all_that_is_elastic_by_then_and_nothing_else(number):
    stage = MobileNetV3Config().stages(2048)[number]
    space = MobileNetV3Space()
    batch = draw_subnets(stage, 300, np.random.default_rng(0))
    assert space.format(space.parse(space.format(batch))) == space.format(batch)
    assert space.parse(space.format(batch)) == batch
    active, kernels, expansions = space.layers(batch)
    assert set((active.sum(axis=2)).ravel().tolist()) == set(stage.depths)
    assert {(3, 5, 7)[k] for k in kernels[active]} == set(stage.kernels)
    assert {(3, 4, 6)[e] for e in expansions[active]} == set(stage.expansions)


def test_stages_without_epochs_are_left_out():
    config = replace(SMALL, epochs=(1, 1, 0, 2, 0, 2), warmup_epochs=(0, 0, 3, 0, 0, 0))
    assert [stage.name for stage in config.stages(8)] == ["largest", "kernel", "depth 2", "width 3"]
    assert Schedule(config.stages(8), 5).epochs == 6


# Two steps an epoch, an epoch a stage and one to warm up: stops in and between stages.
def test_resumed_training_equals_uninterrupted_training(space, splits, config, tmp_path):
    whole = train_supernet(space, splits, config, seed=7)
    checkpoint = tmp_path / "training.pt"
    for steps in (3, 9):
        with pytest.raises(StopError):
            train_supernet(
                space, splits, config, seed=7, checkpoint=checkpoint, progress=stop_after(steps)
            )
    resumed = train_supernet(space, splits, config, seed=7, checkpoint=checkpoint)
    assert torch.equal(weights(resumed), weights(whole))


def test_every_step_of_every_stage_is_reported(space, splits, config):
    seen = []
    supernets = train_supernets(
        space,
        splits,
        replace(config, label_epochs=2),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(step + 1, 14) for step in range(14)]
    assert len(supernets) == 2
    assert not torch.equal(weights(supernets[0]), weights(supernets[1]))


def colors(count, seed):
    """Two classes that differ in color."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = generator.integers(0, 120, (count, 3, 8, 8))
    images[labels == 0, 0] += 130
    images[labels == 1, 2] += 130
    return ImagesInMemory(
        torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels.astype(np.int64))
    )


@pytest.mark.slow
def test_subnets_of_a_trained_supernet_tell_classes_apart(space, config):
    splits = ImageSplits("colors", ("red", "blue"), *(colors(96, seed) for seed in range(3)))
    settings = replace(
        SMALL,
        epochs=(8, 2, 0, 3, 0, 5),
        learning_rates=(0.1, 0.05, 0.05, 0.05, 0.05, 0.05),
        dropout=0.0,
    )
    supernet = train_supernet(space, splits, replace(config, mobilenetv3=settings), seed=0)
    measured = Evaluator(supernet, splits, calibration_images=96).measure(space.sample(9, seed=0))
    assert np.median([each.accuracy for each in measured]) > 0.9


def test_the_largest_network_teaches_the_others(space, splits, config):
    training = training_of(space, splits, config)
    images, labels = splits.train.batch(range(24))
    (subnet,) = training.network.paths(space.sample(1, seed=0))
    training._begin_epoch(1)
    teacher = training.network.state_dict()
    teacher = {name: weight.clone() for name, weight in teacher.items()}
    with torch.no_grad():
        training.network.dropout = 0.0
        (largest,) = training.network.paths(space.largest())
        taught = training.network(images, largest).softmax(dim=1)
        # What follows changes the student only.
        training.network.classifier.weight.add_(1.0)
        logits = training.network(images, subnet)
        found = training._distilled([(images, labels)], 0, [None], subnet)
    log = logits.log_softmax(dim=1)
    smooth = 0.9 * functional.one_hot(labels, 2) + 0.05
    expected = -((smooth + taught) * log).sum(dim=1).mean()
    assert float(found) == pytest.approx(float(expected), abs=1e-5)
    assert all(torch.equal(training.state.kept[name], weight) for name, weight in teacher.items())


def test_gradients_of_subnets_and_parts_add_up(space, splits, config):
    whole = replace(config, mobilenetv3=replace(SMALL, dropout=0.0))
    changed = [
        weights(train_supernet(space, splits, settings, seed=0))
        for settings in (whole, replace(whole, accumulate=2))
    ]
    # Batch normalization sees the parts one by one.
    assert 0 < (changed[0] - changed[1]).norm() / changed[0].norm() < 0.3


def test_bfloat16_is_a_precision(space, splits, config):
    trained = train_supernet(space, splits, replace(config, precision="bf16-mixed"))
    assert torch.isfinite(weights(trained)).all()


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(space, splits, config, tmp_path):
    rates = (0.1, 1e30, 0.1, 0.1, 0.1, 0.1)
    wild = replace(config, gradient_clip=1e30, mobilenetv3=replace(SMALL, learning_rates=rates))
    checkpoint = tmp_path / "training.pt"
    with pytest.raises(TrainingError, match=r"loss is (nan|inf).*keeps the [12] finished epochs"):
        train_supernet(space, splits, wild, checkpoint=checkpoint)
    kept = torch.load(checkpoint, weights_only=True)
    assert kept["epoch"] in (1, 2)


def test_too_little_memory_names_the_batch_size_and_what_to_lower(
    space, splits, config, monkeypatch
):
    def exhausted(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    # As a convolution on a GPU would.
    monkeypatch.setattr(functional, "conv2d", exhausted)
    with pytest.raises(TrainingError, match=r"24 images at a time.*accumulate to 2.*batch-size"):
        train_supernet(space, splits, config)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0.3}, "made with mobilenetv3.width '0.1', not '0.3'"),
        ({"epochs": (1, 1, 1, 1, 1, 2)}, r"made with mobilenetv3.epochs '\(1, 1, 1, 1, 1, 1\)'"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(
    space, splits, config, tmp_path, change, message
):
    checkpoint = tmp_path / "training.pt"
    with pytest.raises(StopError):
        train_supernet(space, splits, config, checkpoint=checkpoint, progress=stop_after(3))
    other = replace(config, mobilenetv3=replace(SMALL, **change))
    with pytest.raises(ConfigurationError, match=message):
        train_supernet(space, splits, other, checkpoint=checkpoint)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": (0, 1, 1, 1, 1, 1)}, "epochs of the first and of the last stage"),
        ({"epochs": (1, 1, 1)}, "epochs must be 6 whole numbers of at least 0"),
        ({"subnets": (1, 1, 1, 1, 1, 0)}, "subnets must be 6 whole numbers of at least 1"),
        ({"learning_rates": (0.0,) * 6}, "learning_rates must be 6 numbers above 0"),
        ({"distillation": -1.0}, "distillation must be at least 0, not -1.0"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, not 1.0"),
        ({"width": 0.0}, "width must be above 0, not 0.0"),
        ({"stem_stride": 3}, "a stride must be 1 or 2, not 3"),
        ({"reference_batch": 0}, "reference_batch must be at least 1, not 0"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused(change, message):
    with pytest.raises(ConfigurationError, match=message):
        replace(MobileNetV3Config(), **change)
