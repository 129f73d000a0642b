"""Table 1: search on NAS-Bench-101 with 423 queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.data import nasbench101
from ctnas.benchmarks.paper.experiment import (
    ACCURACY,
    BEST_LABEL_RANK,
    RANK,
    SECONDS,
    TAU,
    TAU_100,
    Experiment,
    Line,
)
from ctnas.benchmarks.paper.methods import METHODS, chosen_methods, make_strategy
from ctnas.benchmarks.paper.paper import TABLE_1
from ctnas.benchmarks.paper.searching import search_jobs

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.config import ReproduceConfig

QUERIES = 423


def experiment(config: ReproduceConfig) -> Experiment:
    """Return all methods at every number of queries."""
    benchmark = nasbench101(config.data)
    if config.supernet:
        from ctnas.benchmarks.paper.supernet_rows import supernet_experiment

        return supernet_experiment(benchmark, config, (config.queries or (QUERIES,))[0])
    jobs = []
    for queries in config.queries or (QUERIES,):
        for name, method in chosen_methods(config.strategies, tuple(METHODS)).items():
            published = TABLE_1.get(method.row or "", {}) if queries == QUERIES else {}
            line = Line(f"{name}, {queries} queries", published)
            strategy = make_strategy(method, config.iterations)
            jobs += search_jobs(benchmark, line, strategy, queries, config.runs)
    return Experiment(
        "table1",
        "Table 1: NAS-Bench-101",
        benchmark.note,
        (ACCURACY, RANK, BEST_LABEL_RANK, TAU_100, TAU, SECONDS),
        tuple(jobs),
    )
