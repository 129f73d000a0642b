"""Networks that are trained from scratch: sizes, heads, path dropout."""

import pytest
import torch

from ctnas.errors import ConfigurationError
from ctnas.retraining.config import TrainConfig
from ctnas.retraining.network import build_network, count_madds, count_parameters
from ctnas.spaces import DartsSpace, get_space
from ctnas.spaces.darts.costs import DartsLayout
from ctnas.spaces.darts.retraining import auxiliary_head

COLOR, CIFAR, IMAGENET = ([120.0] * 3, [60.0] * 3), (3, 32, 32), (3, 224, 224)


def build(architecture, shape=CIFAR, classes=10, **settings):
    return build_network(TrainConfig(**settings), architecture, shape, classes, COLOR)


def test_darts_v2_has_the_published_number_of_parameters(darts_v2):
    # What the published code counts without the auxiliary head; 3.3 million in the DARTS paper.
    assert count_parameters(build(darts_v2, channels=36))[0] == 3_349_342


def test_darts_v2_on_imagenet_has_the_published_number_of_parameters(darts_v2):
    # 4.7 million in the DARTS paper.
    network = build(darts_v2, IMAGENET, 1000, cells=14, channels=48, stem="imagenet")
    assert count_parameters(network)[0] == pytest.approx(4.7e6, abs=0.05e6)
    assert count_madds(network, IMAGENET) < 600e6


def test_networks_of_44_channels_are_in_the_size_class_of_the_papers_row():
    # Table B: 3.6 million found, 3.7 the best of the sample; channels 44 (appendix D).
    space = DartsSpace(DartsLayout(channels=44))
    costs = space.costs(space.sample(2000, seed=0))
    assert 3.0e6 < float(sorted(costs.parameters)[1000]) < 4.2e6


@pytest.mark.parametrize("name", ["darts", "nasbench101"])
def test_costs_of_the_space_are_those_of_the_network(name):
    space = get_space(name)
    for seed in range(3):
        batch = space.sample(1, seed)
        channels = 36 if name == "darts" else 128
        network = build(batch, channels=channels)
        costs = space.costs(batch)
        assert count_parameters(network)[0] == costs.parameters[0]
        assert count_madds(network, CIFAR) == costs.madds[0]


def test_the_auxiliary_head_is_the_published_one():
    # 8x8 pixels for CIFAR-10 and 7x7 for ImageNet, both to 2x2 by windows of 5 pixels.
    for size, stride in ((8, 3), (7, 2)):
        head = auxiliary_head(16, size, 10)
        assert (head[1].kernel_size, head[1].stride) == (5, stride)
        assert head.eval()(torch.zeros(1, 16, size, size)).shape == (1, 10)


@pytest.mark.parametrize("size", [8, 9, 13, 16, 32, 40])
def test_networks_fit_images_of_any_size(darts_v2, size):
    network = build(darts_v2, (3, size, size), cells=3, channels=4)
    images = torch.randint(0, 256, (2, 3, size, size), dtype=torch.uint8)
    logits, auxiliary = network.train()(images)
    assert logits.shape == auxiliary.shape == (2, 10)


def test_the_auxiliary_head_is_used_in_training_only(darts_v2):
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    network = build(darts_v2, (3, 8, 8), cells=3, channels=4)
    assert len(network.train()(images)) == 2
    assert len(network.eval()(images)) == 1
    without = build(darts_v2, (3, 8, 8), cells=3, channels=4, auxiliary_weight=0.0)
    assert len(without.train()(images)) == 1


def test_path_dropout_changes_training_and_not_evaluation(darts_v2):
    network = build(darts_v2, (3, 8, 8), cells=3, channels=4)
    images = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8)
    network.path_dropout = 0.5
    assert torch.equal(network.eval()(images)[0], network(images)[0])
    torch.manual_seed(0)
    first = network.train()(images)[0]
    torch.manual_seed(1)
    assert not torch.allclose(first, network(images)[0])


def test_evaluation_uses_tracked_statistics_so_that_images_do_not_depend_on_each_other(darts_v2):
    network = build(darts_v2, (3, 8, 8), cells=3, channels=4)
    images = torch.randint(0, 256, (6, 3, 8, 8), dtype=torch.uint8)
    for _ in range(3):
        network.train()(images)
    together = network.eval()(images)[0]
    alone = torch.cat([network(image[None])[0] for image in images])
    assert torch.allclose(together, alone, atol=1e-4)


def test_the_imagenet_stem_needs_large_images_and_darts(darts_v2):
    with pytest.raises(ConfigurationError, match="image_size must be at least 32"):
        build(darts_v2, (3, 16, 16), stem="imagenet")
    with pytest.raises(ConfigurationError, match="stem must be 'cifar' in space 'nasbench201'"):
        build(get_space("nasbench201").sample(1, 0), stem="imagenet")
