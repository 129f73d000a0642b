import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from ctnas.retraining.config import TrainConfig
from ctnas.retraining.training import ScratchTraining
from ctnas.spaces import get_space
from ctnas.training.image_set import ImagesInMemory, ImageSplits

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
    "reduce_concat=[2, 3, 4, 5])"
)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stripes(count, seed):
    """Two classes that a network learns at once: bright rows or bright columns, in color."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = generator.integers(0, 60, (count, 3, 8, 8))
    images[labels == 0, :, ::2] += 150
    images[labels == 1, :, :, ::2] += 150
    return ImagesInMemory(torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels))


@pytest.fixture
def splits():
    train, test = stripes(48, 0), stripes(26, 1)
    return ImageSplits("stripes", ("rows", "columns"), train, train.subset([]), test)


@pytest.fixture
def config():
    return TrainConfig(
        cells=3, channels=4, epochs=4, batch_size=16, cutout=3, evaluate_every=2, seed=5
    )


@pytest.fixture
def make(splits, config):
    """Return a function that prepares a training."""

    def make(space="darts", settings=config, seed=0):
        architecture = get_space(space).sample(1, seed)
        return ScratchTraining(architecture, splits, settings, Fabric(accelerator="cpu", devices=1))

    return make


@pytest.fixture
def darts_v2():
    return get_space("darts").parse([DARTS_V2])
