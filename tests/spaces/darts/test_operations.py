import pytest
import torch
from torch import nn
from torch.nn import functional

from ctnas.spaces.darts.costs import DARTS_OPERATIONS
from ctnas.spaces.darts.operations import (
    DepthwiseConv2d,
    FactorizedReduction,
    RectifiedPointwise,
    make_operation,
)
from ctnas.supernet.layers import Node, PointwiseConv2d
from ctnas.supernet.normalization import BatchStatistics

CHANNELS = 6


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def features(size, channels=CHANNELS):
    return torch.randn(5, channels, size, size).contiguous(memory_format=torch.channels_last)


def normalized(values):
    return functional.batch_norm(values, None, None, training=True)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_depthwise_convolution_equals_the_padded_one_of_pytorch(size, kernel, stride, dilation):
    conv = DepthwiseConv2d(CHANNELS, kernel, stride, dilation)
    images = features(size)
    expected = functional.conv2d(
        images,
        conv.weight,
        stride=stride,
        padding=dilation * (kernel // 2),
        dilation=dilation,
        groups=CHANNELS,
    )
    torch.testing.assert_close(conv(images), expected)


def test_pointwise_convolution_equals_a_1x1_convolution():
    conv = PointwiseConv2d(CHANNELS, 4)
    images = features(8)
    expected = functional.conv2d(images, conv.weight[:, :, None, None])
    torch.testing.assert_close(conv(images), expected)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5])
def test_separable_convolution_is_the_published_sequence(kernel, stride):
    operation = make_operation(f"sep_conv_{kernel}x{kernel}", CHANNELS, stride)

    def depthwise(conv, values, step):
        return functional.conv2d(
            values, conv.weight, stride=step, padding=kernel // 2, groups=CHANNELS
        )

    images = features(8)
    expected = depthwise(operation.first.depthwise, functional.relu(images), stride)
    expected = functional.conv2d(expected, operation.first.pointwise.weight[:, :, None, None])
    expected = functional.relu(normalized(expected))
    expected = depthwise(operation.second.depthwise, expected, 1)
    expected = functional.conv2d(expected, operation.second.pointwise.weight[:, :, None, None])
    torch.testing.assert_close(operation(Node(images), None), normalized(expected))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5])
def test_dilated_convolution_is_the_published_sequence(kernel, stride):
    operation = make_operation(f"dil_conv_{kernel}x{kernel}", CHANNELS, stride)
    images = features(8)
    expected = functional.conv2d(
        functional.relu(images),
        operation.conv.depthwise.weight,
        stride=stride,
        padding=2 * (kernel // 2),
        dilation=2,
        groups=CHANNELS,
    )
    expected = functional.conv2d(expected, operation.conv.pointwise.weight[:, :, None, None])
    torch.testing.assert_close(operation(Node(images), None), normalized(expected))


@pytest.mark.parametrize("stride", [1, 2])
def test_pooling_is_pytorchs_with_batch_normalization(stride):
    images = features(8)
    average = nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    maximum = nn.MaxPool2d(3, stride, padding=1)
    for name, pool in (("avg_pool_3x3", average), ("max_pool_3x3", maximum)):
        operation = make_operation(name, CHANNELS, stride)
        torch.testing.assert_close(operation(Node(images), None), normalized(pool(images)))


def test_skip_connection_that_keeps_the_size_changes_nothing():
    images = features(8)
    assert make_operation("skip_connect", CHANNELS, 1)(Node(images), None) is images


def test_factorized_reduction_reads_even_pixels_and_their_diagonal_neighbors():
    reduction = FactorizedReduction(CHANNELS, 7)
    images = features(8)
    rectified = functional.relu(images)
    even = functional.conv2d(rectified, reduction.even.weight[:, :, None, None], stride=2)
    odd = functional.conv2d(
        rectified[:, :, 1:, 1:], reduction.odd.weight[:, :, None, None], stride=2
    )
    expected = normalized(torch.cat([even, odd], dim=1))
    torch.testing.assert_close(reduction(Node(images), None), expected)


@pytest.mark.parametrize("name", DARTS_OPERATIONS[1:])
@pytest.mark.parametrize("size", [2, 5, 7, 8, 28])
def test_stride_two_halves_and_rounds_up(name, size):
    output = make_operation(name, CHANNELS, 2)(Node(features(size)), None)
    assert output.shape == (5, CHANNELS, (size + 1) // 2, (size + 1) // 2)


@pytest.mark.parametrize("name", DARTS_OPERATIONS[1:])
def test_features_stay_in_channels_last_memory(name):
    for stride in (1, 2):
        output = make_operation(name, CHANNELS, stride)(Node(features(8)), None)
        assert output.is_contiguous(memory_format=torch.channels_last)


def test_fitting_a_cell_input_scales_and_shifts():
    fit = RectifiedPointwise(CHANNELS, 4)
    assert fit.norm.weight is not None
    assert fit(Node(features(8)), None).shape == (5, 4, 8, 8)


@pytest.mark.parametrize("name", DARTS_OPERATIONS[1:])
def test_evaluation_normalizes_every_image_by_the_leading_ones(name):
    operation = make_operation(name, CHANNELS, 2)
    images = features(8)
    alone = operation(Node(images[:3]), None)
    together = operation(Node(images), BatchStatistics(3))
    torch.testing.assert_close(together[:3], alone)
