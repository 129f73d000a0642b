"""Timing: medians, noise, and what happens where repetitions do not agree."""

from pathlib import Path

import numpy as np
import pytest

from ctnas.errors import ConfigurationError
from ctnas.networks import LatencyConfig, latency, measure_latency


def test_a_network_is_timed_on_batches(written: Path) -> None:
    model = (written / "network.onnx").read_bytes()
    found = measure_latency(model, LatencyConfig(batch=4, repeats=5))
    assert found.milliseconds > 0
    assert found.config.batch == 4


def test_a_latency_is_the_median_and_its_noise_that_of_a_median() -> None:
    # The median of N normal numbers deviates by 1.2533 / sqrt(N) of their deviation.
    generator = np.random.default_rng(0)
    draws = generator.normal(5e-3, 1e-4, (2000, 15))
    found = [latency._summary(list(row), LatencyConfig()) for row in draws]
    spread_of_medians = np.std([each.milliseconds for each in found])
    assert np.median([each.noise for each in found]) == pytest.approx(spread_of_medians, rel=0.15)


def test_repetitions_that_spread_are_said_and_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = iter([[1e-3, 2e-3, 3e-3, 4e-3], [1e-3, 1.01e-3, 1.02e-3, 1.03e-3]])
    monkeypatch.setattr(latency, "_runner", lambda *_: lambda: 1e-3)
    monkeypatch.setattr(latency, "_repetitions", lambda *_: next(rounds))
    said: list[str] = []
    found = measure_latency(b"", LatencyConfig(warm_up=0), said.append)
    assert found.trusted
    assert found.milliseconds == pytest.approx(1.015)
    assert said == ["repetitions of 2.500 ms spread by 60%, more than 20%: again"]


def test_a_device_that_timing_cannot_trust_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latency, "_runner", lambda *_: lambda: 1e-3)
    monkeypatch.setattr(latency, "_repetitions", lambda *_: [1e-3, 2e-3, 3e-3])
    said: list[str] = []
    found = measure_latency(b"", LatencyConfig(warm_up=0, attempts=2), said.append)
    assert not found.trusted
    assert said[-1].endswith("kept, not to be trusted")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch of a latency must be at least 1, not 0"),
        ({"repeats": 2}, "repeats of a latency must be at least 3, not 2"),
        ({"provider": "npu"}, "provider of a latency must be one of cpu, cuda, not 'npu'"),
    ],
)
def test_impossible_measurements_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        LatencyConfig(**options)  # type: ignore[arg-type]
