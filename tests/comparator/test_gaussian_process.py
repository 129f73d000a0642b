"""The Gaussian process, against scikit-learn's and by its own claims."""

import numpy as np
import pytest
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from ctnas.comparator import gaussian_process
from ctnas.comparator.covariance import Evidence
from ctnas.comparator.gaussian_process import GaussianProcess


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features of 40 labeled and of 30 other rows, and 40 noisy labels."""
    rng = np.random.default_rng(0)
    known, unknown = rng.standard_normal((40, 3)), rng.standard_normal((30, 3))
    return known, unknown, known[:, 0] + np.sin(known[:, 1]) + 0.1 * rng.standard_normal(40)


def test_mean_and_deviation_are_those_of_an_independent_implementation(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, unknown, target = data
    process = GaussianProcess([known], target)
    (kernel,) = process._kernels
    same = ConstantKernel(kernel.linear) * DotProduct(0.0, "fixed")
    same += ConstantKernel(kernel.exponential) * RBF(1 / kernel.inverse_scales.numpy())
    other = GaussianProcessRegressor(same, alpha=process.noise, optimizer=None)
    mean, deviation = other.fit(known, target - target.mean()).predict(unknown, return_std=True)
    np.testing.assert_allclose(process.predict([unknown]), mean + target.mean(), atol=1e-9)
    np.testing.assert_allclose(process.deviation([unknown]), deviation, atol=1e-7)


def test_a_process_is_surer_near_what_it_knows(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, _, target = data
    process = GaussianProcess([known], target)
    assert process.deviation([known]).max() < process.deviation([known + 10.0]).min()


def test_rows_are_predicted_alike_however_many_come_at_once(
    data: tuple[np.ndarray, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown, target = data
    process = GaussianProcess([known[:, :2], known[:, 2:]], target)
    groups = [unknown[:, :2], unknown[:, 2:]]
    mean, deviation = process.predict(groups), process.deviation(groups)
    monkeypatch.setattr(gaussian_process, "CHUNK", 7)
    np.testing.assert_allclose(process.predict(groups), mean, rtol=0, atol=1e-12)
    np.testing.assert_allclose(process.deviation(groups), deviation, rtol=0, atol=1e-7)
    assert process.predict([group[:0] for group in groups]).shape == (0,)


def test_a_label_left_out_is_predicted_by_all_others(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, _, target = data
    process = GaussianProcess([known], target)
    covariance = process._kernel([torch.from_numpy(known)], [torch.from_numpy(known)]).numpy()
    noisy = covariance + process.noise * np.eye(len(known))
    centered = target - target.mean()
    for row, predicted in zip(*process.left_out(), strict=True):
        others = np.arange(len(target)) != row
        weights = np.linalg.solve(noisy[np.ix_(others, others)], centered[others])
        expected = covariance[row, others] @ weights + target.mean()
        assert predicted == pytest.approx(expected, abs=1e-8)


def test_the_gradient_of_the_evidence_is_its_difference_quotient(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, _, target = data
    groups = [torch.from_numpy(known[:, :2]), torch.from_numpy(known[:, 2:])]
    evidence = Evidence(groups, torch.from_numpy(target - target.mean()))
    at = evidence._expected + np.random.default_rng(1).normal(0, 0.3, len(evidence._expected))
    _, gradient = evidence._loss(at)
    for index, expected in enumerate(gradient):
        step = 1e-5 * (np.arange(len(at)) == index)
        quotient = (evidence._loss(at + step)[0] - evidence._loss(at - step)[0]) / 2e-5
        assert quotient == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_further_labels_are_learned_as_if_all_had_come_at_once(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, unknown, target = data
    few = GaussianProcess([known[:30]], target[:30])
    changed = target + np.linspace(0, 1, 40)
    grown = few.carried_on([known], changed)
    (kernel,) = few._kernels
    same = ConstantKernel(kernel.linear) * DotProduct(0.0, "fixed")
    same += ConstantKernel(kernel.exponential) * RBF(1 / kernel.inverse_scales.numpy())
    other = GaussianProcessRegressor(same, alpha=few.noise, optimizer=None)
    other.fit(known, changed - changed.mean())
    mean, deviation = other.predict(unknown, return_std=True)
    found = grown.posterior([unknown])
    np.testing.assert_allclose(found[0], mean + changed.mean(), atol=1e-9)
    np.testing.assert_allclose(found[1], deviation, atol=1e-7)
    rows, left_out = grown.left_out()
    assert len(rows) == len(left_out) == 40
    alike = few.carried_on([known[:30]], target[:30])
    np.testing.assert_array_equal(alike.predict([unknown]), few.predict([unknown]))


def test_a_first_look_in_half_the_precision_expects_the_same(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    known, unknown, target = data
    process = GaussianProcess([known], target)
    narrow = process.predict([unknown.astype(np.float32)])
    np.testing.assert_allclose(narrow, process.predict([unknown]), atol=1e-4)


def test_rows_are_predicted_alike_on_any_number_of_threads(
    data: tuple[np.ndarray, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown, target = data
    process = GaussianProcess([known], target)
    monkeypatch.setattr(gaussian_process, "CHUNK", 7)
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(gaussian_process, "processors", lambda n=threads: n)
        found.append([process.predict([unknown]), *process.posterior([unknown])])
    for one, several in zip(*found, strict=True):
        np.testing.assert_array_equal(one, several)
