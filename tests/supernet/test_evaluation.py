import numpy as np
import pytest
import torch

from ctnas.errors import ArchitectureError, ConfigurationError, TrainingError
from ctnas.spaces import DartsSpace, get_space
from ctnas.spaces.darts.supernet import DartsSupernet, paths
from ctnas.supernet import Evaluator, SupernetConfig, evaluation, load_images
from ctnas.supernet.normalization import BatchStatistics


def by_hand(supernet, splits, images, path, calibration_images=20, seed=0):
    """Calibrate and classify in passes of their own."""
    chosen = np.random.default_rng(seed).permutation(len(splits.train))[:calibration_images]
    statistics = BatchStatistics(calibration_images)
    with torch.inference_mode():
        supernet(splits.train.images[np.sort(chosen)], path, statistics)
        logits = supernet(images.images, path, statistics).double()
        likelihood = logits.log_softmax(dim=1)[torch.arange(len(images)), images.labels]
        right = logits.argmax(dim=1) == images.labels
        return right.double().mean().item(), likelihood.mean().item()


@pytest.fixture
def evaluator(supernet, splits):
    return Evaluator(supernet, splits, calibration_images=20, workers=1)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_measurements_equal_those_taken_by_hand(evaluator, supernet, splits, space, split):
    batch = space.sample(20, seed=1)
    for path, measured in zip(paths(space, batch), evaluator.measure(batch, split), strict=True):
        expected = by_hand(supernet, splits, getattr(splits, split), path)
        assert (measured.accuracy, measured.log_likelihood) == pytest.approx(expected, abs=1e-5)


def test_the_number_of_workers_changes_nothing(evaluator, supernet, splits, space):
    batch = space.sample(30, seed=1)
    several = Evaluator(supernet, splits, calibration_images=20, workers=3)
    assert list(several.measure(batch)) == list(evaluator.measure(batch))


def test_the_number_of_threads_changes_nothing():
    splits, config = load_images("digits"), SupernetConfig()
    layout = config.layout(splits)
    space = DartsSpace(layout)
    supernet = DartsSupernet(layout, *splits.channel_statistics())
    batch = space.sample(2, seed=1)
    measured, before = [], torch.get_num_threads()
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        measured.append(list(Evaluator(supernet, splits, workers=1).measure(batch)))
        torch.set_num_threads(before)
    assert measured[0] == measured[1] == measured[2]


def test_a_measurement_does_not_depend_on_its_neighbors(evaluator, space):
    batch = space.sample(8, seed=1)
    backward = list(evaluator.measure(batch[::-1]))
    assert list(evaluator.measure(batch)) == backward[::-1]


def test_many_passes_measure_what_one_measures(evaluator, supernet, splits, space, monkeypatch):
    batch = space.sample(10, seed=1)
    whole = list(evaluator.measure(batch))
    # The stem puts out 12 channels of 64 float32 an image: 7 images a pass.
    monkeypatch.setattr(evaluation, "_PASS_BYTES", 7 * 12 * 64 * 4)
    chunked = list(Evaluator(supernet, splits, calibration_images=20, workers=2).measure(batch))
    assert [m.accuracy for m in chunked] == [m.accuracy for m in whole]
    assert [m.log_likelihood for m in chunked] == pytest.approx(
        [m.log_likelihood for m in whole], abs=1e-5
    )


def test_a_measurement_comes_before_the_next_ones_are_taken(evaluator, space, monkeypatch):
    taken = []
    original = evaluation._Task.measure

    def counted(self, path, stopped):
        taken.append(path)
        return original(self, path, stopped)

    monkeypatch.setattr(evaluation._Task, "measure", counted)
    iterator = evaluator.measure(space.sample(50, seed=1))
    next(iterator)
    iterator.close()
    assert len(taken) <= 3


def test_threads_of_pytorch_stay_as_they_were(supernet, splits, space):
    before = torch.get_num_threads()
    list(Evaluator(supernet, splits, workers=2).measure(space.sample(3, seed=0)))
    assert torch.get_num_threads() == before


def test_architectures_of_another_space_are_refused(evaluator):
    other = get_space("nasbench201").sample(2, seed=0)
    with pytest.raises(ArchitectureError, match="nasbench201"):
        next(evaluator.measure(other))


def test_an_unknown_split_is_refused(evaluator, space):
    with pytest.raises(ConfigurationError, match="'train'"):
        next(evaluator.measure(space.sample(1, seed=0), "train"))


def test_numbers_that_are_too_small_are_refused(supernet, splits):
    with pytest.raises(ConfigurationError, match="not 1 and None"):
        Evaluator(supernet, splits, calibration_images=1)
    with pytest.raises(ConfigurationError, match="not 20 and 0"):
        Evaluator(supernet, splits, calibration_images=20, workers=0)


def test_weights_that_are_not_finite_are_an_error(supernet, splits, space):
    with torch.no_grad():
        supernet.classifier.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="log-likelihood of an architecture is nan"):
        next(Evaluator(supernet, splits).measure(space.sample(1, seed=0)))
