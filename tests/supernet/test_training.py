import numpy as np
import pytest
import torch

from ctnas.errors import ConfigurationError, TrainingError
from ctnas.supernet import (
    Evaluator,
    ImageSplits,
    SupernetConfig,
    train_supernet,
    training,
)
from ctnas.supernet.path_sampling import draw_steps
from ctnas.training.image_set import ImagesInMemory
from ctnas.training.seeds import Stream, numpy_stream


def weights(supernet):
    return torch.cat([weight.detach().flatten() for weight in supernet.parameters()])


def test_equal_seeds_give_equal_weights_bit_for_bit(space, splits, config):
    first = train_supernet(space, splits, config, seed=7)
    second = train_supernet(space, splits, config, seed=7)
    assert torch.equal(weights(first), weights(second))


def test_other_seeds_give_other_weights(space, splits, config):
    first = train_supernet(space, splits, config, seed=7)
    second = train_supernet(space, splits, config, seed=8)
    assert not torch.equal(weights(first), weights(second))


def test_training_leaves_the_global_generator_alone(space, splits, config):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_supernet(space, splits, config, seed=7)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(("size", "threads"), [(48 * 24 * 64, 1), (2**21, 2), (2**25, 3)])
def test_small_steps_are_not_split_over_threads(size, threads):
    torch.set_num_threads(3)
    with training._threads(size):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 3


def test_a_trained_supernet_tells_classes_apart(space, splits):
    config = SupernetConfig(epochs=25, batch_size=16, channels=4)
    supernet = train_supernet(space, splits, config, seed=0)
    measured = Evaluator(supernet, splits).measure(space.sample(11, seed=0))
    assert np.median([m.accuracy for m in measured]) > 0.9


def test_only_training_images_are_looked_at(space, splits, config):
    guarded = ImageSplits(splits.name, splits.classes, splits.train, None, None)
    assert train_supernet(space, guarded, config, seed=0).layout == config.layout(splits)


def test_every_step_is_reported(space, splits, config):
    seen = []
    train_supernet(space, splits, config, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(step + 1, 9) for step in range(9)]


def test_an_interrupt_ends_training_at_once(space, splits, config):
    seen = []

    def interrupt(done, total):
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_supernet(space, splits, config, progress=interrupt)
    assert seen == [1]


def test_a_loss_that_is_not_finite_is_an_error_that_names_the_step(space, splits):
    config = SupernetConfig(
        epochs=20, batch_size=16, channels=4, learning_rate=1e30, gradient_clip=1e30
    )
    with pytest.raises(TrainingError, match=r"loss is (nan|inf) at step \d+ of 60.*1e\+30"):
        train_supernet(space, splits, config)


def test_paths_are_not_the_architectures_that_the_seed_draws(space):
    generator = numpy_stream(3, Stream.PATHS, 0)
    drawn = draw_steps(space, "uniform", 100, generator)
    trained = {row.decisions.tobytes() for row in drawn}
    labeled = {row.tobytes() for row in space.sample(100, seed=3).decisions}
    assert not trained & labeled


def test_color_images_are_shifted_and_flipped(space, splits, config):
    gray = splits.train.images
    train = ImagesInMemory(gray.repeat(1, 3, 1, 1), splits.train.labels)
    colored = ImageSplits("colored", splits.classes, train, train, train)
    first = train_supernet(space, colored, config, seed=1)
    second = train_supernet(space, colored, config, seed=1)
    assert torch.equal(weights(first), weights(second))


def test_fewer_images_than_a_batch_are_one_batch(space, splits):
    config = SupernetConfig(epochs=2, batch_size=1000, channels=4)
    seen = []
    train_supernet(space, splits, config, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_bfloat16_is_a_precision(space, splits):
    config = SupernetConfig(epochs=1, batch_size=16, channels=4, precision="bf16-mixed")
    assert torch.isfinite(weights(train_supernet(space, splits, config))).all()


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU works here")
def test_a_gpu_that_is_not_there_is_refused(space, splits):
    with pytest.raises(ConfigurationError, match="'cuda' is not usable"):
        train_supernet(space, splits, SupernetConfig(device="cuda"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU works here")
def test_half_precision_is_refused_on_the_cpu(space, splits):
    with pytest.raises(ConfigurationError, match="'16-mixed' needs a GPU"):
        train_supernet(space, splits, SupernetConfig(precision="16-mixed"))
