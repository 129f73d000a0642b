"""Networks of every space with drawn weights, and images that they are measured on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ctnas.networks import FoundNetwork, export_network
from ctnas.networks.found import inherited_network
from ctnas.networks.latency import LatencyConfig
from ctnas.spaces import get_space
from ctnas.supernet import ImageSplits, build_supernet
from ctnas.supernet.layouts import make_layout
from ctnas.training.image_set import ImagesInMemory

SIZES = {
    "darts": {"cells": 3, "channels": 4},
    "mobilenetv3": {"width": 0.25, "unit_strides": (1, 1, 2, 1, 2)},
    "nasbench101": {"cells": 3, "channels": 8},
    "nasbench201": {"cells": 3, "channels": 4},
}
QUICK = LatencyConfig(warm_up=1, repeats=3, attempts=1)
Make = Callable[..., FoundNetwork]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn_images(count: int, channels: int, size: int, seed: int) -> ImagesInMemory:
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, channels, size, size), dtype=np.uint8)
    labels = generator.integers(0, 3, count)
    return ImagesInMemory(torch.from_numpy(images), torch.from_numpy(labels))


def drawn_splits(channels: int, size: int) -> ImageSplits:
    sets = [drawn_images(count, channels, size, seed) for seed, count in enumerate((64, 4, 40))]
    return ImageSplits("drawn", ("a", "b", "ç"), *sets)


@pytest.fixture(scope="session")
def make() -> Make:
    """Return a function that draws a supernet, and gives an architecture with its weights."""

    def make(
        space: str, seed: int = 0, size: int = 9, channels: int = 3, text: str | None = None
    ) -> FoundNetwork:
        splits = drawn_splits(channels, size)
        layout = make_layout(
            space, **SIZES[space], image_size=size, image_channels=channels, classes=3
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            supernet = build_supernet(space, layout, *splits.channel_statistics())
        architecture = get_space(space).sample(1, seed)
        if text is not None:
            architecture = get_space(space).parse([text])
        return inherited_network(supernet, architecture, splits, splits.train.batch(range(64))[0])

    return make


@pytest.fixture(scope="session")
def found(make: Make) -> FoundNetwork:
    return make("nasbench201", seed=2)


@pytest.fixture(scope="session")
def written(found: FoundNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("networks") / "best"
    export_network(found, out, latency=QUICK)
    return out
