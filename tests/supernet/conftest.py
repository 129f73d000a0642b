from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch

from ctnas.spaces import DartsSpace
from ctnas.spaces.darts.supernet import DartsSupernet
from ctnas.supernet import ImageSplits, SupernetConfig
from ctnas.training.image_set import ImagesInMemory


@pytest.fixture(autouse=True)
def _one_thread():
    """Keep small networks from waiting for threads that have no core of their own."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def published_network():
    """Return the plain forward pass that supernets are held to."""
    file = Path(__file__).with_name("reference_network.py")
    spec = spec_from_file_location("reference_network", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.forward


def stripes(count, seed):
    """Two classes that a network learns at once: bright rows or bright columns."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = generator.integers(0, 60, (count, 1, 8, 8))
    images[labels == 0, :, ::2] += 150
    images[labels == 1, :, :, ::2] += 150
    return ImagesInMemory(
        torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels.astype(np.int64))
    )


@pytest.fixture
def splits():
    sets = (stripes(count, seed) for seed, count in enumerate((48, 30, 26)))
    return ImageSplits("stripes", ("rows", "columns"), *sets)


@pytest.fixture
def config():
    return SupernetConfig(epochs=3, batch_size=16, channels=4, calibration_images=20)


@pytest.fixture
def space(splits, config):
    return DartsSpace(config.layout(splits))


@pytest.fixture
def supernet(splits, config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        supernet = DartsSupernet(config.layout(splits), [100.0], [60.0])
        with torch.no_grad():
            for name, weight in supernet.named_parameters():
                if "norm" in name:
                    weight.add_(0.3 * torch.randn_like(weight))
        return supernet
