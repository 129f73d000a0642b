"""Variants of Algorithm 1 on NAS-Bench-101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.data import nasbench101
from ctnas.benchmarks.paper.experiment import ACCURACY, RANK, SECONDS, Experiment, Line
from ctnas.benchmarks.paper.methods import chosen_methods, make_strategy
from ctnas.benchmarks.paper.searching import search_jobs
from ctnas.benchmarks.paper.table1 import QUERIES
from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.benchmarks.paper.config import ReproduceConfig
    from ctnas.benchmarks.paper.paper import Published


def ablation(
    name: str,
    title: str,
    variants: Mapping[str, tuple[Mapping[str, object], Published]],
    config: ReproduceConfig,
) -> Experiment:
    """Return every variant of every method.

    Args:
        name: of the experiment.
        title: of the experiment.
        variants: options of the strategy and the paper's accuracy, by name.
        config: the preset is chosen by strategies "ctnas-paper" (if not given) and "ctnas".

    Raises:
        ConfigurationError: if a strategy does not run Algorithm 1.
    """
    benchmark = nasbench101(config.data)
    jobs = []
    for queries in config.queries or (QUERIES,):
        for method_name, method in chosen_methods(config.strategies, ("ctnas-paper",)).items():
            if method.strategy != "ctnas":
                raise ConfigurationError(
                    f"{name} is about ctnas and ctnas-paper, not {method_name!r}"
                )
            for variant, (options, accuracy) in variants.items():
                published = {"accuracy": accuracy} if queries == QUERIES else {}
                line = Line(f"{method_name}, {queries} labels, {variant}", published)
                strategy = make_strategy(method, config.iterations, **options)
                jobs += search_jobs(benchmark, line, strategy, queries, config.runs)
    return Experiment(name, title, benchmark.note, (ACCURACY, RANK, SECONDS), tuple(jobs))
