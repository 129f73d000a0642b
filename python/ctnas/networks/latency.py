"""How long a network takes: its ONNX file, timed by ONNX Runtime where this runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import numpy as np

from ctnas.errors import ConfigurationError, ProviderError
from ctnas.settings.option import Option, check_options

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
    """How a latency is measured."""

    batch: Annotated[int, Option("images a run.", least=1)] = 1
    threads: Annotated[int, Option("CPU threads of ONNX Runtime.", least=1)] = 1
    provider: Annotated[TimedProvider, Option("where ONNX Runtime computes.")] = "cpu"
    warm_up: Annotated[int, Option("runs before anything is timed.", least=0)] = 10
    repeats: Annotated[
        int,
        Option(
            "repetitions, whose median is the latency; each is the median time of runs that take "
            "2 ms together.",
            least=3,
        ),
    ] = 15
    attempts: Annotated[
        int,
        Option(
            "how often all repetitions are made where they spread by more than 20 %, at the most; "
            "those that spread least count.",
            least=1,
        ),
    ] = 3

    def __post_init__(self) -> None:
        try:
            check_options(self)
        except ConfigurationError as error:
            named = str(error).replace(" must be", " of a latency must be", 1)
            raise ConfigurationError(named) from None

    def __str__(self) -> str:
        threads = f"{self.threads} CPU thread{'s' if self.threads > 1 else ''}"
        return f"batch {self.batch}, {threads if self.provider == 'cpu' else self.provider}"


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

    @property
    def deviation(self) -> float:
        """Standard deviation of one repetition, milliseconds, by quartiles."""
        return self.spread * self.milliseconds / _NORMAL_IQR

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


def is_trusted(milliseconds: float, deviation: float) -> bool:
    """Return whether repetitions of this median and standard deviation agree."""
    return deviation * _NORMAL_IQR <= LARGEST_SPREAD * milliseconds
