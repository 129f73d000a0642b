"""Figure 5: the number of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.data import nasbench101
from ctnas.benchmarks.paper.experiment import ACCURACY, RANK, SECONDS, TAU, Experiment, Line
from ctnas.benchmarks.paper.methods import chosen_methods, make_strategy
from ctnas.benchmarks.paper.paper import FIGURE_5, TABLE_1
from ctnas.benchmarks.paper.searching import search_jobs
from ctnas.benchmarks.paper.table1 import QUERIES

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.config import ReproduceConfig


def experiment(config: ReproduceConfig) -> Experiment:
    """Return searches with 20 to 4,230 labels."""
    benchmark = nasbench101(config.data)
    jobs = []
    for name, method in chosen_methods(config.strategies, ("ctnas-paper", "ctnas")).items():
        for queries in config.queries or FIGURE_5:
            published = TABLE_1.get(method.row or "", {}) if queries == QUERIES else {}
            line = Line(f"{name}, {queries} labels", published, name, queries)
            strategy = make_strategy(method, config.iterations)
            jobs += search_jobs(benchmark, line, strategy, queries, config.runs)
    return Experiment(
        "figure5",
        "Figure 5: number of labels",
        f"{benchmark.note}; the paper prints the accuracy at {QUERIES} labels alone",
        (ACCURACY, RANK, TAU, SECONDS),
        tuple(jobs),
        "labels",
    )
