"""The elastic network: what its subnets cost, share and compute."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ctnas.errors import ArchitectureError
from ctnas.spaces import MobileNetV3Space
from ctnas.spaces.darts.costs import DartsLayout
from ctnas.spaces.mobilenetv3.costs import MobileNetV3Layout
from ctnas.spaces.mobilenetv3.importance import sort_channels
from ctnas.spaces.mobilenetv3.layers import ElasticDepthwise
from ctnas.spaces.mobilenetv3.network import MobileNetV3Supernet
from ctnas.spaces.mobilenetv3.subnet import MobileNetV3Network
from ctnas.supernet import Evaluator, ImageSplits, load_supernet, save_supernet
from ctnas.supernet.build import build_supernet
from ctnas.supernet.evaluation import extract_subnet
from ctnas.supernet.normalization import BatchStatistics
from ctnas.training.image_set import ImagesInMemory


def edge_cases(space, count=4):
    texts = space.format(space.sample(count, seed=5))
    return space.parse([*texts, *space.format(space.cheapest()), *space.format(space.largest())])


def counted_madds(network, images):
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(images)
    return counter.get_total_flops() / 2


@pytest.mark.parametrize("published", [True, False])
def test_a_built_subnet_costs_what_the_table_says(layout, published):
    layout = MobileNetV3Layout() if published else layout
    space = MobileNetV3Space(layout)
    batch = edge_cases(space)
    costs = space.costs(batch)
    # Shapes are enough to count.
    with torch.device("meta"):
        images = torch.zeros(1, 3, layout.image_size, layout.image_size, dtype=torch.uint8)
        supernet = MobileNetV3Supernet(layout, [0.0] * 3, [1.0] * 3)
        for row, subnet in enumerate(supernet.paths(batch)):
            network = MobileNetV3Network(layout, subnet).eval()
            assert sum(weight.numel() for weight in network.parameters()) == costs.parameters[row]
            assert counted_madds(network, images) == costs.madds[row]


def test_the_supernet_computes_as_many_madds_as_the_table_says():
    # At a size where no tap of a kernel meets padding only: such taps are left out.
    layout = MobileNetV3Layout(
        width=0.35, image_size=16, classes=4, stem_stride=1, unit_strides=(1, 1, 1, 1, 2)
    )
    space = MobileNetV3Space(layout)
    supernet = MobileNetV3Supernet(layout, [0.0] * 3, [1.0] * 3).eval()
    batch = edge_cases(space)
    images = torch.zeros(2, 3, 16, 16, dtype=torch.uint8)
    # Two images: a batch normalization by the batch needs more than one value a channel.
    for subnet, madds in zip(supernet.paths(batch), space.costs(batch).madds, strict=True):
        transforms = sum(
            supernet.layers[4 * unit + place].shape.hidden(expansion)
            * sum(size**4 for size in (5, 3) if size >= kernel)
            for unit, layers in enumerate(subnet)
            for place, (kernel, expansion) in enumerate(layers)
        )
        counted = counted_madds(lambda pixels, path=subnet: supernet(pixels, path), images)
        assert counted == 2 * madds + transforms


def test_an_extracted_subnet_computes_what_the_supernet_does(space, supernet, pixels):
    for row in range(6):
        batch = edge_cases(space)[[row]]
        (subnet,) = supernet.paths(batch)
        statistics = BatchStatistics(8)
        supernet.eval()
        with torch.inference_mode():
            supernet(pixels[:8], subnet, statistics)
            expected = supernet(pixels[8:], subnet, statistics)
            network = extract_subnet(supernet, batch, pixels[:8])
            torch.testing.assert_close(network(pixels[8:]), expected, atol=1e-9, rtol=1e-9)


def test_an_extracted_subnet_can_be_trained_on(space, supernet, pixels):
    network = extract_subnet(supernet, space.sample(1, seed=0), pixels).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    labels = torch.arange(12) % 4
    losses = []
    for _ in range(15):
        loss = torch.nn.functional.cross_entropy(network(pixels), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_one_architecture_at_a_time_is_extracted(space, supernet, pixels):
    with pytest.raises(ArchitectureError, match="one architecture is extracted, not 2"):
        extract_subnet(supernet, space.sample(2, seed=0), pixels)


def test_networks_are_extracted_from_supernets_of_their_space_only(space, pixels):
    darts = build_supernet("darts", DartsLayout(cells=3, channels=2), [0.0] * 3, [1.0] * 3)
    with pytest.raises(ArchitectureError, match="space 'mobilenetv3' are not in space 'darts'"):
        extract_subnet(darts, space.sample(1, seed=0), pixels)


def test_smaller_kernels_are_maps_of_the_middle_of_the_larger():
    layer = ElasticDepthwise(4, 1)
    torch.nn.init.normal_(layer.weight)
    with torch.no_grad():
        assert torch.equal(layer.kernel_weight(4, 7), layer.weight)
        assert torch.equal(layer.kernel_weight(4, 5), layer.weight[..., 1:6, 1:6])
        assert torch.equal(layer.kernel_weight(3, 3), layer.weight[:3, :, 2:5, 2:5])
        for transform in layer.transforms.values():
            torch.nn.init.normal_(transform)
        five = np.einsum(
            "ij,cj->ci",
            layer.transforms["5"].numpy(),
            layer.weight[:, 0, 1:6, 1:6].reshape(4, 25).numpy(),
        ).reshape(4, 5, 5)
        three = np.einsum(
            "ij,cj->ci", layer.transforms["3"].numpy(), five[:, 1:4, 1:4].reshape(4, 9)
        )
        assert np.allclose(layer.kernel_weight(4, 5)[:, 0].numpy(), five, atol=1e-5)
        assert np.allclose(
            layer.kernel_weight(4, 3).reshape(4, 9).numpy(), three, atol=1e-5, rtol=1e-4
        )


def test_only_what_a_subnet_uses_gets_gradients(space, supernet, pixels):
    (subnet,) = supernet.paths(space.parse(["k3e3-k3e3|" * 4 + "k5e4-k7e6"]))
    supernet.train()(pixels, subnet).sum().backward()
    layers = list(supernet.elastic_layers)
    assert all(weight.grad is None for weight in layers[2].parameters())
    used = layers[0].shape.hidden(3)
    gradient = layers[0].expand.weight.grad
    assert (gradient[:used] != 0).any()
    assert (gradient[used:] == 0).all()
    assert layers[0].depthwise.transforms["3"].grad is not None
    assert layers[16].depthwise.transforms["3"].grad is None
    assert layers[17].depthwise.transforms["5"].grad is None


def test_sorting_leaves_the_widest_subnets_as_they_were(space, supernet, pixels):
    batch = space.parse([f"{'-'.join(['k5e6'] * depth)}|" * 4 + "k7e6-k3e6" for depth in (2, 4)])
    supernet.eval()
    with torch.no_grad():
        before = [supernet(pixels, subnet) for subnet in supernet.paths(batch)]
        sort_channels(supernet, [6])
        after = [supernet(pixels, subnet) for subnet in supernet.paths(batch)]
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9)
    for layer in supernet.elastic_layers:
        importance = layer.project.weight.abs().sum(dim=0)
        assert (importance.diff() <= 0).all()


def test_sorting_keeps_the_channels_of_widths_that_were_trained(space, supernet, pixels):
    batch = space.parse(["k7e4-k3e6|k5e4-k7e4|k3e6-k3e4|k3e4-k3e4|k3e4-k5e4-k3e6"])
    (subnet,) = supernet.paths(batch)
    supernet.eval()
    with torch.no_grad():
        sort_channels(supernet, [6])
        before = supernet(pixels, subnet)
        sort_channels(supernet, [4, 6])
        torch.testing.assert_close(supernet(pixels, subnet), before, atol=1e-9, rtol=1e-9)


def test_a_measurement_calibrates_and_leaves_the_supernet_unchanged(space, supernet, pixels):
    images = ImagesInMemory(pixels, torch.arange(12) % 4)
    splits = ImageSplits("noise", tuple("abcd"), images, images, images)
    before = {name: weight.clone() for name, weight in supernet.state_dict().items()}
    first, second = (
        list(Evaluator(supernet, splits, calibration_images=12).measure(space.sample(3, seed=0)))
        for _ in range(2)
    )
    assert first == second
    assert all(torch.equal(before[name], now) for name, now in supernet.state_dict().items())
    network = extract_subnet(supernet, space.sample(3, seed=0)[[1]], pixels)
    with torch.inference_mode():
        right = (network(pixels).argmax(dim=1) == images.labels).double().mean()
    assert first[1].accuracy == pytest.approx(float(right))


def test_a_supernet_survives_the_disk(supernet, tmp_path):
    save_supernet(supernet, tmp_path / "supernet.safetensors")
    loaded = load_supernet(tmp_path / "supernet.safetensors", space="mobilenetv3")
    assert loaded.layout == supernet.layout
    for name, weight in supernet.state_dict().items():
        assert torch.equal(weight, loaded.state_dict()[name])
