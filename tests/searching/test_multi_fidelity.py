"""Few dear labels beside many cheap ones: how much is learned from either."""

import numpy as np
import pytest

from ctnas.architecture import Float64Array, Int64Array
from ctnas.searching.multi_fidelity import LEVEL, NOISES, SCALES, TRUSTS, believed

COUNT = 60


def likeness(generator: np.random.Generator, count: int = COUNT) -> Float64Array:
    """Return a kernel of architectures that are alike in pairs, so to say: neighbors on a line."""
    place = np.sort(generator.uniform(0, 10, count))
    kernel: Float64Array = np.exp(-0.5 * np.square(place[:, None] - place))
    return kernel


def world(
    trust: float, noise: float, seed: int, trained: int = 20
) -> tuple[Float64Array, Float64Array, Int64Array, Float64Array, Float64Array]:
    """Return cheap labels, kernel, which were trained, their accuracy, and the truth of all."""
    generator = np.random.default_rng(seed)
    kernel = likeness(generator)
    cheap = generator.normal(size=COUNT)
    factor = np.linalg.cholesky(kernel + 1e-9 * np.eye(COUNT))
    own = factor @ generator.normal(size=COUNT)
    truth = 0.9 + 0.01 * (trust * cheap + np.sqrt(1 - trust**2) * own)
    rows = generator.permutation(COUNT)[:trained]
    return cheap, kernel, rows, truth[rows] + noise * generator.normal(size=trained), truth


def test_before_any_training_the_cheap_labels_decide() -> None:
    cheap, kernel, *_ = world(0.8, 0.0, seed=0)
    nothing = np.array([], dtype=np.int64), np.array([])
    belief = believed(cheap, kernel, *nothing)
    assert np.array_equal(np.argsort(belief.mean), np.argsort(cheap))
    assert 0.3 < belief.trust < 0.7


@pytest.mark.parametrize(("trust", "low", "high"), [(0.95, 0.7, 1.0), (0.0, -0.3, 0.3)])
def test_how_far_cheap_labels_are_trusted_is_learned(trust: float, low: float, high: float) -> None:
    found = [believed(*world(trust, 0.001, seed, 40)[:4]).trust for seed in range(5)]
    assert low < np.mean(found) < high


def test_the_noise_is_found_where_trainings_are_repeated() -> None:
    generator = np.random.default_rng(0)
    cheap, kernel, rows, _, truth = world(0.7, 0.0, seed=3)
    rows = np.repeat(rows[:10], 3)
    values = truth[rows] + 0.004 * generator.normal(size=30)
    belief = believed(cheap, kernel, rows, values)
    assert belief.noise == pytest.approx(0.004, rel=0.4)


def test_a_repetition_makes_the_expectation_surer() -> None:
    cheap, kernel, rows, values, _ = world(0.7, 0.004, seed=1)
    once = believed(cheap, kernel, rows, values)
    again = believed(cheap, kernel, np.append(rows, rows[:3]), np.append(values, values[:3]))
    assert (again.deviation()[rows[:3]] < once.deviation()[rows[:3]]).all()


def test_the_mean_is_that_of_a_gaussian_process_where_one_combination_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust, noise, scale = TRUSTS[4], float(NOISES[3]), float(SCALES[3])
    for name, value in (("TRUSTS", [trust]), ("LIKELY", [1.0]), ("NOISES", [noise])):
        monkeypatch.setattr(f"ctnas.searching.multi_fidelity.{name}", value)
    monkeypatch.setattr("ctnas.searching.multi_fidelity.SCALES", np.array([scale]))
    cheap, kernel, rows, values, _ = world(0.7, 0.004, seed=2)
    belief = believed(cheap, kernel, rows, values)
    level = float(np.median(values))
    prior = scale**2 * ((1 - trust**2) * kernel + LEVEL**2)
    known = prior[np.ix_(rows, rows)] + (scale * noise) ** 2 * np.eye(len(rows))
    weights = prior[:, rows] @ np.linalg.inv(known)
    said = level + scale * trust * cheap
    assert belief.mean == pytest.approx(said + weights @ (values - said[rows]), abs=1e-7)
    expected = prior - weights @ prior[rows]
    assert np.abs(belief.covariance - expected).max() < 1e-7
    assert belief.noise == pytest.approx(scale * noise)


def test_the_choice_is_better_than_that_of_the_luckiest_training() -> None:
    gained = []
    for seed in range(30):
        *known, truth = world(0.7, 0.008, seed)
        rows, values = known[2], known[3]
        best = rows[np.argmax(believed(*known).mean[rows])]
        gained.append(truth[best] - truth[rows[np.argmax(values)]])
    assert np.mean(gained) > 2 * np.std(gained) / np.sqrt(len(gained))


def test_a_training_that_failed_does_not_hide_what_the_others_tell() -> None:
    cheap, kernel, rows, values, truth = world(0.7, 0.002, seed=5)
    failed = values.copy()
    failed[0] = 0.1
    belief = believed(cheap, kernel, rows, failed)
    others = rows[1:]
    assert np.corrcoef(belief.mean[others], truth[others])[0, 1] > 0.8
    assert belief.mean[rows[0]] < belief.mean[others].max()


def test_the_lead_counts_deviations_of_the_difference() -> None:
    cheap, kernel, rows, values, _ = world(0.7, 0.004, seed=6)
    belief = believed(cheap, kernel, rows, values)
    first = int(np.argmax(belief.mean))
    lead = belief.lead(first)
    other = int(np.argmin(belief.mean))
    apart = np.zeros(COUNT)
    apart[first], apart[other] = 1, -1
    assert lead[other] == pytest.approx(
        apart @ belief.mean / np.sqrt(apart @ belief.covariance @ apart), rel=1e-6
    )
    assert lead[first] == 0
