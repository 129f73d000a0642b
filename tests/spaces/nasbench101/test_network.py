"""The NAS-Bench-101 network against the costs of the space, and a supernet's slices."""

import pytest
import torch

from ctnas.errors import ConfigurationError
from ctnas.spaces import NasBench101Space
from ctnas.spaces.nasbench101.network import CellGraph, NasBench101Supernet
from ctnas.supernet.layouts import StackedLayout

SMALL = StackedLayout(cells=3, channels=8, image_size=8, image_channels=1, classes=2)


@pytest.fixture(scope="module")
def space():
    return NasBench101Space()


@pytest.fixture(scope="module")
def batch(space):
    return space.sample(12, seed=0)


def test_parameters_are_those_that_the_space_counts(space, batch):
    layout = StackedLayout(cells=9, channels=128)
    counted = []
    with torch.device("meta"):
        supernet = NasBench101Supernet(SMALL, [0.0], [1.0])
        for path in supernet.paths(batch):
            network = NasBench101Supernet(layout, [0.0] * 3, [1.0] * 3, only=path)
            counted.append(sum(weight.numel() for weight in network.parameters()))
    assert counted == space.costs(batch).parameters.tolist()


def test_every_path_of_a_supernet_runs_and_reaches_all_of_its_weights(batch):
    supernet = NasBench101Supernet(SMALL, [100.0], [60.0])
    images = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    for path in supernet.paths(batch):
        alone = NasBench101Supernet(SMALL, [100.0], [60.0], only=path)
        logits = alone(images, path)
        assert logits.shape == supernet(images, path).shape == (6, 2)
        logits.sum().backward()
        assert all(weight.grad is not None for weight in alone.parameters())


def test_vertices_that_share_channels_need_one_each():
    few = StackedLayout(cells=3, channels=4)
    with pytest.raises(ConfigurationError, match="channels must be at least 5, one for each"):
        NasBench101Supernet(few, [0.0] * 3, [1.0] * 3)
    cell = CellGraph(("input", "conv3x3-bn-relu", "output"), ((), (0,), (1,)))
    NasBench101Supernet(few, [0.0] * 3, [1.0] * 3, only=cell)


def test_a_narrow_vertex_uses_the_first_channels_of_a_supernet(batch):
    supernet = NasBench101Supernet(SMALL, [100.0], [60.0])
    images = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    for path in supernet.paths(batch):
        alone = NasBench101Supernet(SMALL, [100.0], [60.0], only=path)
        shared = supernet.state_dict()
        sliced = {
            name: shared[name][tuple(slice(0, side) for side in weight.shape)]
            for name, weight in alone.state_dict().items()
        }
        alone.load_state_dict(sliced)
        assert torch.allclose(alone(images, path), supernet(images, path), atol=1e-5)


def test_vertices_that_feed_the_output_share_its_channels():
    # Input 0 feeds 1, 2, 3; 3 feeds 2's neighbor 4; 1, 2 and 4 feed the output.
    cell = CellGraph(
        ("input", *["conv1x1-bn-relu"] * 4, "output"), ((), (0,), (0,), (0,), (3,), (1, 2, 4))
    )
    assert cell.widths(128) == [0, 43, 43, 42, 42, 128]
