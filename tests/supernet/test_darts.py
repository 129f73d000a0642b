import numpy as np
import pytest
import torch

from ctnas.spaces import DartsSpace
from ctnas.spaces.darts.costs import DARTS_OPERATIONS, DartsLayout
from ctnas.spaces.darts.supernet import DartsSupernet, paths
from ctnas.supernet.normalization import BatchStatistics


def fresh(layout):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        channels = layout.image_channels
        return DartsSupernet(layout, [128.0] * channels, [64.0] * channels)


def noise(count, layout):
    generator = torch.Generator().manual_seed(1)
    size = (count, layout.image_channels, layout.image_size, layout.image_size)
    return torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)


def all_of(operation):
    """Return an architecture whose every operation is the same."""
    space = DartsSpace()
    name = DARTS_OPERATIONS[operation]
    row = [
        choices.choices.index(name) if "operation" in choices.name else 0
        for choices in space.decisions
    ]
    return paths(space, space.batch(np.array([row], dtype=np.int16)))[0]


@pytest.mark.parametrize(
    "layout",
    [
        DartsLayout(cells=3, channels=4, image_size=8, image_channels=1, classes=10),
        DartsLayout(cells=6, channels=5, image_size=9, image_channels=3, classes=4),
    ],
)
def test_a_path_computes_what_the_published_network_of_its_cells_computes(
    layout, published_network
):
    supernet, images = fresh(layout), noise(7, layout)
    space = DartsSpace(layout)
    for path in paths(space, space.sample(25, seed=2)):
        expected = published_network(supernet, images, path)
        torch.testing.assert_close(supernet(images, path), expected, rtol=1e-3, atol=2e-4)


def test_every_operation_on_every_edge_is_in_the_supernet():
    supernet = fresh(DartsLayout(cells=3, channels=4, image_size=8, image_channels=1))
    names = {name for name, _ in supernet.named_modules()}
    for cell in range(3):
        for node in range(2, 6):
            for source in range(node):
                for operation in DARTS_OPERATIONS[1:]:
                    edge = f"cells.{cell}.operations.{operation}_{source}"
                    assert {edge, f"{edge}_to_{node}"} & names


def test_only_the_weights_of_the_path_get_gradients():
    layout = DartsLayout(cells=3, channels=4, image_size=8, image_channels=1)
    supernet, path = fresh(layout), all_of(DARTS_OPERATIONS.index("sep_conv_3x3"))
    supernet(noise(6, layout), path).square().sum().backward()
    touched = {name for name, weight in supernet.named_parameters() if weight.grad is not None}
    candidates = {name for name in touched if ".operations." in name}
    assert candidates
    assert all(".sep_conv_3x3_" in name for name in candidates)
    assert {
        name for name, _ in supernet.named_parameters() if ".operations." not in name
    } <= touched


@pytest.mark.parametrize("cells", [3, 6])
def test_a_path_has_as_many_weights_as_its_network_costs(cells):
    layout = DartsLayout(cells=cells, channels=4, image_size=8, image_channels=1)
    supernet, space = fresh(layout), DartsSpace(layout)
    used = {}
    for module in supernet.modules():
        module.register_forward_hook(lambda module, *_: used.update(own_weights(module)))
    batch = space.sample(20, seed=0)
    for path, expected in zip(paths(space, batch), space.costs(batch).parameters, strict=True):
        used.clear()
        supernet(noise(3, layout), path)
        assert sum(weight.numel() for weight in used.values()) == expected


def own_weights(module):
    return {id(weight): weight for weight in module.parameters(recurse=False)}


def test_an_architecture_without_operations_ignores_the_image():
    layout = DartsLayout(cells=3, channels=4, image_size=8, image_channels=1)
    supernet = fresh(layout)
    logits = supernet(noise(6, layout), all_of(DARTS_OPERATIONS.index("none")))
    torch.testing.assert_close(logits, logits[:1].expand(6, -1))


@pytest.mark.parametrize("size", [8, 9, 11, 12, 28])
def test_any_image_size_from_eight_on_works(size):
    layout = DartsLayout(cells=4, channels=3, image_size=size, image_channels=3, classes=5)
    supernet, space = fresh(layout), DartsSpace(layout)
    for path in paths(space, space.sample(5, seed=0)):
        assert supernet(noise(3, layout), path).shape == (3, 5)


def test_the_shared_beginning_changes_nothing(supernet, space, splits):
    images = splits.train.images
    with torch.inference_mode():
        beginning = supernet.begin(images, BatchStatistics(20))
        for path in paths(space, space.sample(10, seed=4)):
            shared = supernet.finish(beginning, path, BatchStatistics(20))
            assert torch.equal(shared, supernet(images, path, BatchStatistics(20)))
    assert beginning.known
