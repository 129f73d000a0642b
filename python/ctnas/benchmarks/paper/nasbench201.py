"""NAS-Bench-201, CIFAR-10: agreement by number of labels, and search by number of queries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.agreement import MODELS, tau_jobs
from ctnas.benchmarks.paper.data import nasbench201
from ctnas.benchmarks.paper.experiment import ACCURACY, RANK, SECONDS, TAU, Experiment, Line
from ctnas.benchmarks.paper.methods import METHODS, chosen_methods, make_strategy
from ctnas.benchmarks.paper.paper import NASBENCH201_SEARCH, NASBENCH201_TAU, Published
from ctnas.benchmarks.paper.searching import search_jobs

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.benchmark import Benchmark
    from ctnas.benchmarks.paper.config import ReproduceConfig
    from ctnas.benchmarks.paper.experiment import Job

QUERIES = (40, 45, 60, 70, 80, 192)
WHOLE_TAU = replace(TAU, title="tau, all others")


def experiment(config: ReproduceConfig) -> Experiment:
    """Return fits and searches; `--strategies` names models (default, paper, ...) and methods."""
    benchmark = nasbench201(config.data)
    models = tuple(name for name in config.strategies if name in MODELS and name not in METHODS)
    methods = tuple(name for name in config.strategies if name not in models)
    if not config.strategies:
        models, methods = ("default", "paper"), ("adaptive",)
    jobs = _tau_jobs(benchmark, models, config.runs)
    if methods:
        jobs += _search_jobs(benchmark, methods, config)
    return Experiment(
        "nasbench201",
        "NAS-Bench-201, CIFAR-10 (not in the paper; best published figures)",
        f"{benchmark.note}; tau over the validation accuracy of all other architectures",
        (WHOLE_TAU, ACCURACY, RANK, SECONDS),
        tuple(jobs),
        "labels",
    )


def _tau_jobs(benchmark: Benchmark, models: tuple[str, ...], runs: int) -> list[Job]:
    jobs = []
    for model in models:
        for labels, best in NASBENCH201_TAU.items():
            published = {"tau": Published(best)}
            line = Line(f"{model}, {labels} labels", published, model, labels)
            jobs += tau_jobs(benchmark, line, model, labels, runs, whole=True)
    return jobs


def _search_jobs(
    benchmark: Benchmark, methods: tuple[str, ...], config: ReproduceConfig
) -> list[Job]:
    jobs = []
    for name, method in chosen_methods(methods, ()).items():
        for queries in config.queries or QUERIES:
            best = NASBENCH201_SEARCH.get(queries)
            published = {} if best is None else {"accuracy": Published(best)}
            line = Line(f"{name}, {queries} queries", published, name, queries)
            # The labels are averages over seeds: they are taken as they are.
            options = {"label_noise": 0.0} if method.strategy == "adaptive" else {}
            strategy = make_strategy(method, config.iterations, **options)
            jobs += search_jobs(benchmark, line, strategy, queries, config.runs)
    return jobs
