"""How well predictions of cells that nothing has learned from agree with measurements."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.experiment import Job
from ctnas.benchmarks.paper.methods import fingerprint
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.metrics import kendall_tau
from ctnas.errors import ConfigurationError
from ctnas.labels import LabelSet
from ctnas.searching.queries import first_draw
from ctnas.searching.strategies.scores import fit_scores, pairwise_hinge, squared_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.benchmarks.paper.benchmark import Benchmark
    from ctnas.benchmarks.paper.experiment import Line, Result, Settings
    from ctnas.comparator.nac import NeuralArchitectureComparator

    Fit: TypeAlias = Callable[[LabelSet, int], NeuralArchitectureComparator]

MANY, FEW = 20_000, 100

MODELS: dict[str, Fit] = {
    "default": lambda labels, seed: fit_comparator(labels.space, labels, "default", seed),
    "paper": lambda labels, seed: fit_comparator(labels.space, labels, "paper", seed),
    "regression": lambda labels, seed: fit_scores(labels.space, labels, squared_error, seed),
    "renas": lambda labels, seed: fit_scores(labels.space, labels, pairwise_hinge, seed),
}
"""What is fitted to labels, by name."""


def chosen_models(names: tuple[str, ...]) -> dict[str, Fit]:
    """Return models by name; all if none is named.

    Raises:
        ConfigurationError: if there is no such model.
    """
    for name in names:
        if name not in MODELS:
            raise ConfigurationError(f"unknown model {name!r}; known are {', '.join(MODELS)}")
    return {name: MODELS[name] for name in names or MODELS}


def tau_of_others(
    benchmark: Benchmark,
    comparator: NeuralArchitectureComparator,
    learned: ArchitectureBatch,
    seed: int,
) -> dict[str, float]:
    """Return Kendall's tau over many and over few cells that are none of `learned`."""
    return {
        key: _tau(benchmark, benchmark.judged, comparator, learned, count, seed)
        for key, count in (("tau", MANY), ("tau_100", FEW))
    }


def tau_jobs(
    benchmark: Benchmark, line: Line, model: str, labels: int, runs: int, whole: bool
) -> list[Job]:
    """Return fits of a model to different random labels.

    Args:
        benchmark: the table.
        line: that the runs count for.
        model: name of a model.
        labels: number of labels.
        runs: number of draws.
        whole: judge by the queried label of all other architectures, not by the judging label of
            some.
    """
    settings: Settings = {
        "data": benchmark.identity,
        "labels": labels,
        "model": model,
        "settings": fingerprint(model),
    }

    def job(seed: int) -> Job:
        fit = MODELS[model]
        return Job(line, seed, settings, lambda: _fit(benchmark, fit, labels, seed, whole))

    return [job(seed) for seed in range(runs)]


def _fit(benchmark: Benchmark, fit: Fit, count: int, seed: int, whole: bool) -> Result:
    drawn = first_draw(benchmark.space, count, seed)
    labels = LabelSet(benchmark.space, drawn, benchmark.measure(drawn), benchmark.metrics[0])
    start = perf_counter()
    comparator = fit(labels, seed)
    seconds = {"seconds": perf_counter() - start}
    if whole:
        return seconds | {"tau": _tau(benchmark, benchmark.queried, comparator, drawn, None, seed)}
    return seconds | tau_of_others(benchmark, comparator, drawn, seed)


def _tau(
    benchmark: Benchmark,
    measured: Float64Array,
    comparator: NeuralArchitectureComparator,
    learned: ArchitectureBatch,
    count: int | None,
    seed: int,
) -> float:
    places = benchmark.others(learned, count, seed)
    predicted = comparator.encode(benchmark.architectures[places])[0].astype("float64")
    return kendall_tau(predicted, measured[places])
