"""How long a network takes: its ONNX file, timed by ONNX Runtime where this runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ctnas.errors import ConfigurationError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

TimedProvider: TypeAlias = Literal["cpu", "cuda"]

LARGEST_SPREAD = 0.2
"""Repetitions that differ by a larger share of their median are not trusted."""

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_LEAST_SECONDS = 2e-3
_NORMAL_IQR = 1.349
_MEDIAN_ERROR = 1.2533


@dataclass(frozen=True, slots=True)
class LatencyConfig:
    """How a latency is measured.

    Attributes:
        batch: images a run.
        threads: CPU threads of ONNX Runtime.
        provider: cpu or cuda.
        warm_up: runs before anything is timed.
        repeats: repetitions; each is the median time of runs that take 2 ms together.
        attempts: how often all repetitions are made again where they spread too much.
    """

    batch: int = 1
    threads: int = 1
    provider: TimedProvider = "cpu"
    warm_up: int = 10
    repeats: int = 15
    attempts: int = 3

    def __post_init__(self) -> None:
        least = {"batch": 1, "threads": 1, "warm_up": 0, "repeats": 3, "attempts": 1}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise ConfigurationError(
                    f"{name} of a latency must be at least {value}, not {getattr(self, name)}"
                )
        if self.provider not in _PROVIDERS:
            raise ConfigurationError(
                f"provider of a latency must be one of {', '.join(_PROVIDERS)}, "
                f"not {self.provider!r}"
            )


@dataclass(frozen=True, slots=True)
class Latency:
    """A measured latency.

    Attributes:
        milliseconds: of one run on a batch: the median of the repetitions.
        noise: standard deviation of that median, milliseconds.
        spread: interquartile range of the repetitions as a share of their median.
        config: how it was measured.
    """

    milliseconds: float
    noise: float
    spread: float
    config: LatencyConfig

    @property
    def trusted(self) -> bool:
        """Whether the repetitions agree."""
        return self.spread <= LARGEST_SPREAD

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def measure_latency(
    model: bytes,
    config: LatencyConfig | None = None,
    say: Callable[[str], None] | None = None,
) -> Latency:
    """Time a network on random images; the least spread of several attempts counts.

    Args:
        model: an ONNX file whose one input is uint8 [B, C, H, W].
        config: how.
        say: called when repetitions spread so much that they are made again.

    Raises:
        ProviderError: if ONNX Runtime has no such provider here, or cannot run the model.
    """
    config = config or LatencyConfig()
    run = _runner(model, config)
    for _ in range(config.warm_up):
        run()
    best: Latency | None = None
    for attempt in range(config.attempts):
        found = _summary(_repetitions(run, config.repeats), config)
        if best is None or found.spread < best.spread:
            best = found
        if best.trusted:
            return best
        if say is not None:
            again = "again" if attempt + 1 < config.attempts else "kept, not to be trusted"
            say(
                f"repetitions of {found.milliseconds:.3f} ms spread by {found.spread:.0%}, more "
                f"than {LARGEST_SPREAD:.0%}: {again}"
            )
    assert best is not None
    return best


def _runner(model: bytes, config: LatencyConfig) -> Callable[[], float]:
    """Return what runs the model once and returns the seconds that it took."""
    import onnxruntime

    wanted = _PROVIDERS[config.provider]
    if wanted not in onnxruntime.get_available_providers():
        raise ProviderError(f"ONNX Runtime has no provider {config.provider!r} here")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = config.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(model, options, providers=[wanted])
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        raise ProviderError(f"ONNX Runtime cannot open the network: {error}") from error
    if session.get_providers()[0] != wanted:
        raise ProviderError(f"provider {config.provider!r} does not work here")
    (taken,) = session.get_inputs()
    shape = (config.batch, *taken.shape[1:])
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    feed = {taken.name: images}

    def run() -> float:
        start = perf_counter()
        session.run(None, feed)
        return perf_counter() - start

    return run


def _repetitions(run: Callable[[], float], count: int) -> list[float]:
    """Return the seconds of each repetition."""
    runs = max(1, round(_LEAST_SECONDS / max(run(), 1e-9)))
    return [median(run() for _ in range(runs)) for _ in range(count)]


def _summary(seconds: list[float], config: LatencyConfig) -> Latency:
    low, middle, high = np.percentile(np.array(seconds) * 1e3, [25, 50, 75])
    noise = _MEDIAN_ERROR * (high - low) / _NORMAL_IQR / sqrt(len(seconds))
    return Latency(float(middle), float(noise), float((high - low) / middle), config)
