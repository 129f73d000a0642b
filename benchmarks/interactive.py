"""What a user waits for: help, ranking, refresh; and whether all three runtimes agree.

    python benchmarks/interactive.py

Medians of repeated runs on this machine.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime

import ctnas
from ctnas import _core
from ctnas.comparator.export import ranker_graph, space_metadata
from ctnas.comparator.presets import comparator_preset
from ctnas.labels.tables import write_table

PAIRS = 10_000


def median_seconds(function, repeats: int) -> float:
    """Return the median duration of calls."""
    durations = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        durations.append(perf_counter() - start)
    return statistics.median(durations)


def command(*words: str):
    """Return a function that runs a command from process start to exit."""
    program = shutil.which(words[0]) or words[0]
    return lambda: subprocess.run([program, *words[1:]], check=True, stdout=subprocess.DEVNULL)


def refresh_milliseconds(comparator: ctnas.NeuralArchitectureComparator) -> float:
    """Return how long a ready session takes to go over to new weights."""
    graph = ranker_graph(comparator.config.kind, comparator.encoder.fold(), comparator.space.nodes)
    graph.describe(space_metadata(comparator.space))
    encoder = _core.Encoder(graph.to_bytes())

    def refresh() -> None:
        graph.replace(comparator.encoder.fold())
        encoder.refresh(graph.to_bytes())

    return 1e3 * median_seconds(refresh, 200)


def encoded_per_second(comparator: ctnas.NeuralArchitectureComparator, folder: Path) -> float:
    """Return how many graphs the core encodes in a second."""
    space = comparator.space
    graphs = space.graphs(space.sample(min(100_000, space.size), seed=0))
    ranker = ctnas.Comparator.load(folder, provider="cpu")
    return len(graphs) / median_seconds(lambda: ranker.encode_graphs(graphs), 7)


def largest_disagreement(comparator: ctnas.NeuralArchitectureComparator, folder: Path) -> float:
    """Return the largest difference of p between PyTorch, plain onnxruntime and the core."""
    space = comparator.space
    a, b = (space.sample(PAIRS, seed=seed) for seed in (1, 2))
    torch_p = comparator.compare(a, b)
    core_p = ctnas.Comparator.load(folder, provider="cpu").compare(a, b)
    session = onnxruntime.InferenceSession(
        str(folder / "comparator.onnx"), providers=["CPUExecutionProvider"]
    )
    graphs_a, graphs_b = space.graphs(a), space.graphs(b)
    (plain_p,) = session.run(
        None,
        {
            "adjacency_a": graphs_a.adjacency,
            "operations_a": graphs_a.operations,
            "adjacency_b": graphs_b.adjacency,
            "operations_b": graphs_b.operations,
        },
    )
    return float(max(np.abs(torch_p - core_p).max(), np.abs(torch_p - plain_p).max()))


def main() -> None:
    """Print one line for each figure."""
    folder = Path(tempfile.mkdtemp())
    for name in ("darts", "nasbench201", "nasbench101"):
        space = ctnas.get_space(name)
        comparator = ctnas.NeuralArchitectureComparator(space, comparator_preset("default").encoder)
        comparator.export(folder / name)
        difference = largest_disagreement(comparator, folder / name)
        print(
            f"{name}: refresh {refresh_milliseconds(comparator):.2f} ms; PyTorch, plain "
            f"onnxruntime and core differ by at most {difference:.1e} on {PAIRS:,} pairs; "
            f"{encoded_per_second(comparator, folder / name):,.0f} graphs encoded a second"
        )
    space = ctnas.get_space("darts")
    texts = space.format(space.sample(10_000, seed=0))
    write_table(folder / "candidates.csv", {"architecture": texts})
    rank = command(
        "ctnas-rank", str(folder / "darts"), "--architectures", str(folder / "candidates.csv")
    )
    print(f"ctnas-rank of 10,000 DARTS architectures: {median_seconds(rank, 7):.2f} s")
    for name in ("ctnas-search", "ctnas-rank"):
        print(f"{name} --help: {median_seconds(command(name, '--help'), 7):.2f} s")


if __name__ == "__main__":
    main()
