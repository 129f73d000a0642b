"""The NAS-Bench-201 network against published figures and a plain forward pass."""

import pytest
import torch
from torch.nn import functional

from ctnas.spaces import NasBench201Space
from ctnas.spaces.nasbench201.network import NasBench201Supernet
from ctnas.supernet.layouts import StackedLayout
from ctnas.supernet.normalization import BatchStatistics

SMALL = StackedLayout(cells=3, channels=4, image_size=8, image_channels=1, classes=2)


def cell_of(operation):
    space = NasBench201Space()
    return space.parse(
        ["+".join(f"|{'|'.join(f'{operation}~{i}' for i in range(n))}|" for n in (1, 2, 3))]
    )


def network(text_or_batch, layout=SMALL):
    torch.manual_seed(0)
    channels = layout.image_channels
    (path,) = NasBench201Supernet(layout, [0.0] * channels, [1.0] * channels).paths(text_or_batch)
    return NasBench201Supernet(layout, [0.0] * channels, [1.0] * channels, only=path), path


# Millions of parameters as the benchmark's table has them, for CIFAR-10.
@pytest.mark.parametrize(
    ("operation", "parameters"), [("nor_conv_3x3", 1.531546), ("none", 0.073306)]
)
def test_parameters_are_the_published_ones(operation, parameters):
    built, _ = network(cell_of(operation), StackedLayout(cells=15, channels=16))
    assert sum(weight.numel() for weight in built.parameters()) == round(parameters * 1e6)


def test_a_supernet_runs_a_path_as_the_network_of_that_path_alone_does():
    space = NasBench201Space()
    torch.manual_seed(1)
    supernet = NasBench201Supernet(SMALL, [100.0], [60.0])
    images = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    for path in supernet.paths(space.sample(5, seed=0)):
        alone = NasBench201Supernet(SMALL, [100.0], [60.0], only=path)
        shared = supernet.state_dict()
        alone.load_state_dict({name: shared[name] for name in alone.state_dict()})
        assert torch.equal(alone(images, path), supernet(images, path))


def _conv(values, weight, stride=1):
    values = functional.conv2d(functional.relu(values), weight, None, stride, weight.shape[-1] // 2)
    return functional.batch_norm(values, None, None, training=True)


def test_the_forward_pass_is_the_published_one():
    path_text = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"
    built, path = network(NasBench201Space().parse([path_text]))
    weights = dict(built.named_parameters())
    images = torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    stem = functional.conv2d(images.float(), weights["stem.weight"], padding=1)
    values = functional.batch_norm(stem, None, None, training=True)
    for block in range(5):
        if block % 2:
            first = _conv(values, weights[f"blocks.{block}.first.conv.weight"], stride=2)
            second = _conv(first, weights[f"blocks.{block}.second.conv.weight"])
            pooled = functional.avg_pool2d(values, 2)
            values = second + functional.conv2d(
                pooled, weights[f"blocks.{block}.shortcut.1.weight"]
            )
            continue
        prefix = f"blocks.{block}.operations"
        one = _conv(values, weights[f"{prefix}.nor_conv_3x3_0_to_1.conv.weight"])
        three = values + _conv(one, weights[f"{prefix}.nor_conv_1x1_1_to_3.conv.weight"])
        values = three
    values = functional.relu(functional.batch_norm(values, None, None, training=True))
    expected = functional.linear(
        values.mean(dim=(2, 3)), weights["classifier.weight"], weights["classifier.bias"]
    )
    assert torch.allclose(built(images, path), expected, atol=1e-5)


def test_a_cell_without_operations_puts_out_what_the_classifier_makes_of_nothing():
    built, path = network(cell_of("none"))
    images = torch.randint(0, 256, (2, 1, 8, 8), dtype=torch.uint8)
    logits = built(images, path, BatchStatistics(2))
    assert torch.equal(logits[0], logits[1])
