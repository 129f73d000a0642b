"""Table A: Kendall's tau on NAS-Bench-101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.agreement import chosen_models, tau_jobs
from ctnas.benchmarks.paper.data import nasbench101
from ctnas.benchmarks.paper.experiment import SECONDS, TAU, TAU_100, Experiment, Line
from ctnas.benchmarks.paper.paper import TABLE_1, Published
from ctnas.benchmarks.paper.table1 import QUERIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctnas.benchmarks.paper.config import ReproduceConfig

ROWS = {"default": "CTNAS", "paper": "CTNAS", "regression": "RegressionNAS", "renas": "ReNAS"}


def experiment(config: ReproduceConfig) -> Experiment:
    """Return fits of every model; here `--strategies` names models."""
    benchmark = nasbench101(config.data)
    jobs = []
    for labels in config.queries or (QUERIES,):
        for model in chosen_models(config.strategies):
            line = Line(f"{model}, {labels} labels", _published(model, labels), model, labels)
            jobs += tau_jobs(benchmark, line, model, labels, config.runs, whole=False)
    return Experiment(
        "tableA",
        "Table A: Kendall's tau on NAS-Bench-101",
        f"{benchmark.note}; tau-b, cells of a test draw uniform and none of the labels",
        (TAU, TAU_100, SECONDS),
        tuple(jobs),
        "labels",
    )


def _published(model: str, labels: int) -> Mapping[str, Published]:
    # The paper's comparator has learned on through the search, with its pseudo-labels.
    if labels not in (QUERIES, QUERIES + 1):
        return {}
    return {"tau_100": TABLE_1[ROWS[model]]["tau_100"]}
