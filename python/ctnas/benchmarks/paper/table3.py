"""Table 3: time to rank 100 architectures."""

from __future__ import annotations

import statistics
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.benchmarks.paper.agreement import FEW
from ctnas.benchmarks.paper.experiment import Experiment, Figure, Job, Line
from ctnas.benchmarks.paper.methods import fingerprint
from ctnas.benchmarks.paper.paper import TABLE_3, Published
from ctnas.comparator.export import pair_graph, ranker_graph, space_metadata
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import comparator_preset
from ctnas.spaces import get_space

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.architecture import Float64Array, GraphBatch
    from ctnas.benchmarks.paper.config import ReproduceConfig
    from ctnas.benchmarks.paper.experiment import Result

REPEATS = 9
"""Interleaved measurements whose median is a run's result."""
CORE = Figure("core", "core, ms", higher_is_better=False)
PAIRS = Figure("pairs", "9,900 pairs, ms", higher_is_better=False)
RATIO = Figure("ratio", "pairs / core", digits=1)


def experiment(config: ReproduceConfig) -> Experiment:
    """Return measurements of both presets; time does not depend on weights."""
    published = {"core": Published(TABLE_3["CTNAS"])}
    jobs = [
        Job(
            Line(f"preset {name}", published),
            seed,
            {"repeats": REPEATS, "settings": fingerprint(name)},
            partial(_measure, name, seed),
        )
        for name in ("default", "paper")
        for seed in range(config.runs)
    ]
    return Experiment(
        "table3",
        "Table 3: time to rank 100 architectures",
        "on this CPU; the core encodes each cell once, all 9,900 pairs go through comparator.onnx "
        "in plain ONNX Runtime",
        (CORE, PAIRS, RATIO),
        tuple(jobs),
    )


def _measure(preset: str, seed: int) -> Result:
    """Time both ways of ranking the same graphs in turn."""
    space = get_space("nasbench101")
    comparator = NeuralArchitectureComparator(space, comparator_preset(preset).encoder)
    graphs = space.graphs(space.sample(FEW, seed))
    ways = (_core_ranking(comparator, graphs), _pair_ranking(comparator, graphs))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS + 1):
        for way, durations in zip(ways, times, strict=True):
            start = perf_counter()
            way()
            durations.append(1e3 * (perf_counter() - start))
    # The first call of a session allocates.
    core, pairs = (statistics.median(durations[1:]) for durations in times)
    return {"core": core, "pairs": pairs, "ratio": pairs / core}


def _core_ranking(
    comparator: NeuralArchitectureComparator, graphs: GraphBatch
) -> Callable[[], object]:
    graph = ranker_graph(comparator.config.kind, comparator.encoder.fold(), comparator.space.nodes)
    graph.describe(space_metadata(comparator.space))
    encoder = _core.Encoder(graph.to_bytes(), provider="cpu")

    def rank() -> object:
        logits = encoder.encode(graphs.adjacency, graphs.operations)
        return _core.best_first(_core.mean_win_probability(*logits), len(graphs))

    return rank


def _pair_ranking(
    comparator: NeuralArchitectureComparator, graphs: GraphBatch
) -> Callable[[], object]:
    import onnxruntime

    graph = pair_graph(comparator.config.kind, comparator.encoder.fold(), comparator.space.nodes)
    session = onnxruntime.InferenceSession(graph.to_bytes(), providers=["CPUExecutionProvider"])
    count = len(graphs)
    first, second = np.nonzero(~np.eye(count, dtype=np.bool_))
    a, b = graphs[first], graphs[second]
    names = ("adjacency_a", "operations_a", "adjacency_b", "operations_b")
    arrays = (a.adjacency, a.operations, b.adjacency, b.operations)
    feed = dict(zip(names, arrays, strict=True))

    def rank() -> object:
        probability: Float64Array = session.run(None, feed)[0].reshape(count, count - 1)
        return np.argsort(-probability.mean(axis=1), kind="stable")

    return rank
