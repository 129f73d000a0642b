"""The supernet rows of Table 1 and Table A: cells judged by inherited weights."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from ctnas.benchmarks.paper.agreement import FEW
from ctnas.benchmarks.paper.experiment import (
    ACCURACY,
    RANK,
    SECONDS,
    TAU_100,
    Experiment,
    Job,
    Line,
)
from ctnas.benchmarks.paper.methods import METHODS, make_strategy
from ctnas.benchmarks.paper.paper import TABLE_1
from ctnas.comparator.metrics import kendall_tau
from ctnas.supernet.config import Sampling, SupernetConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.benchmarks.paper.benchmark import Benchmark
    from ctnas.benchmarks.paper.config import ReproduceConfig, SupernetName
    from ctnas.benchmarks.paper.experiment import Result, Settings

ROWS: Mapping[SupernetName, tuple[str, Sampling]] = {
    "spos": ("SPOS", "uniform"),
    "fairnas": ("FairNAS", "fair"),
}
"""The paper's row and the paths of a step, by name."""


def supernet_experiment(benchmark: Benchmark, config: ReproduceConfig, queries: int) -> Experiment:
    """Return runs that train a supernet, search by its accuracy and judge by the benchmark.

    Args:
        benchmark: the table that judges.
        config: names the supernets, their images and sizes.
        queries: number of cells that a search measures.
    """
    jobs = [
        _job(benchmark, config, name, queries, seed)
        for name in config.supernet
        for seed in range(config.runs)
    ]
    note = (
        f"supernets of {config.cells} cells and {config.channels} channels, {config.epochs} epochs "
        f"on {config.dataset}; cells are found by evolution on inherited log-likelihood"
    )
    return Experiment(
        "table1-supernet",
        "Table 1: NAS-Bench-101, by supernets",
        f"{benchmark.note}; {note}",
        (ACCURACY, RANK, TAU_100, SECONDS),
        tuple(jobs),
    )


def _job(
    benchmark: Benchmark, config: ReproduceConfig, name: SupernetName, queries: int, seed: int
) -> Job:
    row, sampling = ROWS[name]
    settings = SupernetConfig(
        epochs=config.epochs,
        cells=config.cells,
        channels=config.channels,
        image_size=config.image_size,
        train_images=config.train_images,
        sampling=sampling,
    )
    identity: Settings = {
        "data": benchmark.identity,
        "dataset": config.dataset,
        "queries": queries,
        "settings": repr(settings),
    }
    line = Line(f"{name}, {queries} measured", TABLE_1[row])
    return Job(line, seed, identity, lambda: _run(benchmark, config, settings, queries, seed))


def _run(
    benchmark: Benchmark,
    config: ReproduceConfig,
    settings: SupernetConfig,
    queries: int,
    seed: int,
) -> Result:
    """Train a supernet, search with it, and judge what it chose and how it ranks."""
    from ctnas.supernet import Evaluator, load_images, train_supernet

    start = perf_counter()
    splits = load_images(
        config.dataset,
        folder=config.images,
        image_size=settings.image_size,
        limit=settings.train_images,
        seed=seed,
    )
    supernet = train_supernet(benchmark.space, splits, settings, seed=seed)
    evaluator = Evaluator(supernet, splits, seed=seed)

    def measure(batch: ArchitectureBatch) -> Float64Array:
        return np.array([each.log_likelihood for each in evaluator.measure(batch)])

    strategy = make_strategy(METHODS["evolution"])
    found = strategy.run(benchmark.space, measure, queries, seed)
    chosen = int(benchmark.places(found.chosen)[0])
    others = benchmark.others(found.labels.architectures, FEW, seed)
    tau = kendall_tau(measure(benchmark.architectures[others]), benchmark.judged[others])
    return {
        "accuracy": benchmark.accuracy(chosen),
        "rank": benchmark.rank(chosen),
        "tau_100": tau,
        "seconds": perf_counter() - start,
    }
