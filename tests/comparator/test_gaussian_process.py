"""The Gaussian process, against scikit-learn's and by its own claims."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from ctnas.comparator import gaussian_process
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
    scales = kernel._log_scales.exp().detach().numpy()
    linear, exponential = kernel._log_weights.exp().detach().numpy()
    same = ConstantKernel(linear / 3) * DotProduct(0.0, "fixed")
    same += ConstantKernel(exponential) * RBF(scales)
    noise = process._log_noise.exp().item() + gaussian_process.JITTER
    other = GaussianProcessRegressor(same, alpha=noise, optimizer=None)
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
