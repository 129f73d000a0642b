"""A benchmark of 24 chains and experiments on it that run in a moment."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from ctnas.benchmarks.paper.benchmark import Benchmark
from ctnas.benchmarks.paper.experiment import ACCURACY, RANK, Experiment, Line
from ctnas.benchmarks.paper.paper import Published
from ctnas.benchmarks.paper.searching import search_jobs
from ctnas.labels import LabelSet
from ctnas.searching.strategies import get_strategy
from ctnas.spaces import GraphSpace


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
    nodes = ["input", choice["first"], choice["second"], choice["third"], "output"]
    return nodes, [(node, node + 1) for node in range(4)]


@pytest.fixture(scope="session")
def space() -> GraphSpace:
    decisions = {"first": ["a", "b"], "second": ["a", "b", "c", "d"], "third": ["b", "c", "d"]}
    return GraphSpace("chain", decisions, wire)


@pytest.fixture(scope="session")
def benchmark_table(space: GraphSpace) -> Benchmark:
    """Return 24 chains, queried by 0 to 23 and judged by 0.5, 0.5, 0.51, 0.51, ...."""
    every = space.enumerate()
    place = np.arange(24)
    queried = LabelSet(space, every, place.astype(float), "validation")
    judged = LabelSet(space, every, 0.5 + (place // 2) / 100, "test")
    return Benchmark(queried, judged, 100.0, "chains.csv", "made up")


@pytest.fixture
def experiment(benchmark_table: Benchmark) -> Experiment:
    """Return three runs of random search with 5 and of local search with 10 queries."""
    published = {"accuracy": Published(60.0, 1.0, 61.5)}
    jobs = [
        *search_jobs(
            benchmark_table, Line("random, 5", published), get_strategy("random"), 5, runs=3
        ),
        *search_jobs(benchmark_table, Line("local, 10"), get_strategy("local"), 10, runs=3),
    ]
    return Experiment("chains", "Chains", "all of it", (ACCURACY, RANK), tuple(jobs))
