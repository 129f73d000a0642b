"""Batches depend on the seed, the epoch and their number, not on who prepares them."""

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from ctnas.errors import ConfigurationError
from ctnas.training.augmentation import Cutout, shifted_and_flipped
from ctnas.training.batches import TrainingBatches
from ctnas.training.image_set import ImagesInMemory
from ctnas.training.placement import Placement


@pytest.fixture
def images():
    generator = np.random.default_rng(0)
    pixels = torch.from_numpy(generator.integers(0, 256, (50, 3, 8, 8)).astype(np.uint8))
    return ImagesInMemory(pixels, torch.arange(50))


def batches(images, size=12, rank=0, **placement):
    fabric = Fabric(accelerator="cpu", devices=1)
    made = TrainingBatches(
        images, size, shifted_and_flipped(images.shape), 3, fabric, Placement(**placement)
    )
    made._plans._rank = rank
    return made


def test_an_epoch_shows_every_image_at_most_once(images):
    shown = torch.cat([labels for ((_, labels),) in batches(images).epoch(0)])
    assert len(shown) == len(set(shown.tolist())) == 48


def test_an_epoch_is_the_same_whatever_came_before(images):
    fresh, used = batches(images), batches(images)
    for _ in used.epoch(0):
        pass
    for ((one, _),), ((other, _),) in zip(fresh.epoch(1), used.epoch(1), strict=True):
        assert torch.equal(one, other)


def test_epochs_differ(images):
    made = batches(images)
    first = [labels.tolist() for ((_, labels),) in made.epoch(0)]
    second = [labels.tolist() for ((_, labels),) in made.epoch(1)]
    assert first != second


def test_worker_processes_prepare_the_same_images(images):
    # More than there are processors, of which PyTorch would warn.
    alone, helped = batches(images), batches(images, workers=64)
    for ((one, _),), ((other, _),) in zip(alone.epoch(2), helped.epoch(2), strict=True):
        assert torch.equal(one, other)


def test_devices_and_parts_share_a_batch(images):
    whole = [labels.tolist() for ((_, labels),) in batches(images).epoch(0)]
    shares = [
        [[labels.tolist() for _, labels in parts] for parts in made.epoch(0)]
        for made in (batches(images, rank=rank, devices=2, accumulate=3) for rank in range(2))
    ]
    for number, expected in enumerate(whole):
        parts = shares[0][number] + shares[1][number]
        assert [len(part) for part in parts] == [2] * 6
        assert sorted(label for part in parts for label in part) == sorted(expected)


def test_a_batch_that_cannot_be_divided_is_refused(images):
    with pytest.raises(ConfigurationError, match=r"batch-size 12 must be a multiple of 5"):
        batches(images, accumulate=5)


def test_batches_leave_the_global_generator_alone(images):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for _ in batches(images).epoch(0):
        pass
    assert torch.equal(torch.rand(3), expected)


def test_cutout_fills_a_square_that_the_border_may_cut():
    torch.manual_seed(0)
    cut = Cutout(4, [7.4, 0.0, 255.0])
    image = torch.full((3, 10, 10), 100, dtype=torch.uint8)
    areas = set()
    for _ in range(200):
        changed = cut(image)[0] == 7
        rows, columns = changed.any(dim=1).sum(), changed.any(dim=0).sum()
        assert changed.sum() == rows * columns
        areas.add(int(changed.sum()))
    assert max(areas) == 16
    assert min(areas) == 4
    assert torch.equal(image.unique(), torch.tensor([100], dtype=torch.uint8))
