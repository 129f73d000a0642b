"""Values of logits, on labels whose truth is known."""

import numpy as np
import pytest

from ctnas.comparator.calibration import Calibration
from ctnas.errors import ModelError


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and labels that rise with them, with noise and a long lower tail."""
    rng = np.random.default_rng(seed)
    score = rng.standard_normal(count)
    return 3 * score + 1, 90 - 2 * np.exp(-0.8 * (score + 0.6 * rng.standard_normal(count)))


@pytest.mark.parametrize("count", [50, 200])
def test_four_of_five_new_labels_lie_in_their_interval(count: int) -> None:
    inside = []
    for seed in range(20):
        calibration = Calibration.learned(*drawn(count, seed))
        assert calibration is not None
        logit, label = drawn(1_000, 100 + seed)
        _, low, high = calibration.predict(logit)
        inside.append(np.mean((low <= label) & (label <= high)))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.04)


def test_values_rise_with_the_logit_and_lie_in_their_intervals() -> None:
    calibration = Calibration.learned(*drawn(100, 0))
    assert calibration is not None
    ends = calibration.predict(np.linspace(-20, 20, 500))
    value, low, high = ends
    assert all((np.diff(end) >= 0).all() for end in ends)
    assert ((low <= value) & (value <= high)).all()


def test_values_are_near_the_truth() -> None:
    calibration = Calibration.learned(*drawn(400, 0))
    assert calibration is not None
    logit, label = drawn(2_000, 1)
    value, low, high = calibration.predict(logit)
    assert np.mean(label > value) == pytest.approx(0.5, abs=0.08)
    assert np.mean(label < low) == pytest.approx(0.1, abs=0.04)
    assert np.mean(label > high) == pytest.approx(0.1, abs=0.04)


def test_labels_that_were_not_held_back_do_not_count() -> None:
    logit, label = drawn(60, 0)
    hidden = logit.copy()
    hidden[20:] = np.nan
    calibration = Calibration.learned(hidden, label)
    assert calibration is not None
    assert calibration.logit[[0, -1]].tolist() == [logit[:20].min(), logit[:20].max()]


def test_too_few_labels_say_nothing() -> None:
    logit, label = drawn(10, 0)
    logit[3:] = np.nan
    assert Calibration.learned(logit, label) is None


def test_a_text_holds_a_calibration() -> None:
    calibration = Calibration.learned(*drawn(30, 0))
    assert calibration is not None
    again = Calibration.from_text(calibration.to_text())
    logit = np.linspace(-5, 5, 50)
    for value, same in zip(calibration.predict(logit), again.predict(logit), strict=True):
        np.testing.assert_allclose(value, same, rtol=1e-7)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", '{"logit": [1], "value": [1], "low": [1]}',
     '{"logit": [2, 1], "value": [1, 1], "low": [1, 1], "high": [1, 1]}',
     '{"logit": [1], "value": [1, 2], "low": [1], "high": [1]}',
     '{"logit": [1], "value": [null], "low": [1], "high": [1]}'],
)  # fmt: skip
def test_what_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="values of the model are damaged"):
        Calibration.from_text(text)


def test_values_fall_where_lower_is_better() -> None:
    calibration = Calibration.learned(*drawn(60, 0))
    assert calibration is not None
    logit = np.linspace(-5, 5, 20)
    value, low, high = calibration.predict(logit)
    turned = calibration.turned().predict(logit)
    for found, expected in zip(turned, (-value, -high, -low), strict=True):
        np.testing.assert_array_equal(found, expected)
