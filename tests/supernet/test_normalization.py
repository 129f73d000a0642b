import torch
from torch.nn import functional

from ctnas.supernet.normalization import BatchStatistics, PathBatchNorm


def features(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    values = 3 * torch.randn(count, 4, 6, 6, generator=generator) + 1
    return values.contiguous(memory_format=torch.channels_last)


def test_statistics_are_mean_and_biased_variance_of_the_leading_images():
    values = features(10)
    mean, variance = BatchStatistics(7).of(PathBatchNorm(4, affine=False), values)
    leading = values[:7].double()
    torch.testing.assert_close(mean.double(), leading.mean(dim=(0, 2, 3)), rtol=1e-5, atol=1e-6)
    expected = leading.var(dim=(0, 2, 3), correction=0)
    torch.testing.assert_close(variance.double(), expected, rtol=1e-5, atol=1e-6)


def test_later_passes_use_the_statistics_of_the_first():
    layer, statistics = PathBatchNorm(4, affine=False), BatchStatistics(10)
    first, second = features(10), features(5, seed=1)
    layer(first, statistics)
    mean, variance = first.mean(dim=(0, 2, 3)), first.var(dim=(0, 2, 3), correction=0)
    expected = functional.batch_norm(second, mean, variance)
    torch.testing.assert_close(layer(second, statistics), expected)


def test_layers_have_statistics_of_their_own():
    statistics = BatchStatistics(10)
    one, other = PathBatchNorm(4, affine=False), PathBatchNorm(4, affine=False)
    one(features(10), statistics)
    shifted = features(10, seed=1) + 5
    torch.testing.assert_close(other(shifted, statistics), other(shifted, None))


def test_training_normalizes_by_the_batch():
    values = features(10)
    layer = PathBatchNorm(4, affine=True)
    with torch.no_grad():
        layer.weight.fill_(2.0)
        layer.bias.fill_(0.5)
    output = layer(values, None)
    torch.testing.assert_close(output.mean(dim=(0, 2, 3)), torch.full((4,), 0.5))
    torch.testing.assert_close(
        output.std(dim=(0, 2, 3), correction=0), torch.full((4,), 2.0), rtol=1e-4, atol=1e-4
    )


def test_only_affine_layers_have_weights():
    assert not list(PathBatchNorm(4, affine=False).parameters())
    assert len(list(PathBatchNorm(4, affine=True).parameters())) == 2
