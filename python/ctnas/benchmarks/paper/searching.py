"""Runs of search strategies on a benchmark."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from ctnas.benchmarks.paper.agreement import tau_of_others
from ctnas.benchmarks.paper.experiment import Job
from ctnas.benchmarks.paper.methods import fingerprint

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.benchmark import Benchmark
    from ctnas.benchmarks.paper.experiment import Line, Result, Settings
    from ctnas.searching.strategies import Strategy


def search_jobs(
    benchmark: Benchmark, line: Line, strategy: Strategy, queries: int, runs: int
) -> list[Job]:
    """Return `runs` searches of a strategy, with seeds 0, 1, ...."""
    settings: Settings = {
        "data": benchmark.identity,
        "queries": queries,
        "strategy": type(strategy).__name__,
        "settings": fingerprint(strategy),
    }

    def job(seed: int) -> Job:
        return Job(line, seed, settings, lambda: _search(benchmark, strategy, queries, seed))

    return [job(seed) for seed in range(runs)]


def _search(benchmark: Benchmark, strategy: Strategy, queries: int, seed: int) -> Result:
    """Run a search and judge what it chose."""
    start = perf_counter()
    found = strategy.run(benchmark.space, benchmark.measure, queries, seed)
    seconds = perf_counter() - start
    chosen = int(benchmark.places(found.chosen)[0])
    best_label = int(benchmark.places(found.labels.best().architectures)[0])
    result = {
        "accuracy": benchmark.accuracy(chosen),
        "rank": benchmark.rank(chosen),
        "best_label_accuracy": benchmark.accuracy(best_label),
        "best_label_rank": benchmark.rank(best_label),
        "queries": float(len(found.labels)),
        "seconds": seconds,
    }
    if np.isfinite(found.expected_rank):
        result["expected_rank"] = 100.0 * found.expected_rank
    if found.comparator is not None:
        result |= tau_of_others(benchmark, found.comparator, found.labels.architectures, seed)
    return result
