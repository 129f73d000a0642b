"""How fast an exported comparator ranks: every figure beside what users do today.

    python benchmarks/ranking.py [--millions 1 3 10]

Prints a table: medians of repeats that take turns, so that what else the machine does falls on
both sides alike. The comparators have random weights; speed does not depend on them. Everything
is written to a temporary directory and removed.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

import ctnas
from ctnas import _core
from ctnas.comparator.presets import EncoderConfig, comparator_preset
from ctnas.labels.tables import write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnas.architecture import GraphBatch

LAUNCHER = """
import os, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - begin, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Measures a command from a small process: a new one counts the memory of what started it."""
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CONFIGS = {
    "default": comparator_preset("default").encoder,
    "width 64, 4 layers": EncoderConfig(width=64, layers=4),
    "preset paper": comparator_preset("paper").encoder,
}
SOME = 50_000


def medians(repeats: int, *functions: Callable[[], object]) -> list[float]:
    """Return the median seconds of each function; they take turns."""
    durations: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats):
        for function, seconds in zip(functions, durations, strict=True):
            start = perf_counter()
            function()
            seconds.append(perf_counter() - start)
    return [statistics.median(seconds) for seconds in durations]


def row(work: str, target: str, result: str) -> None:
    """Print a line of the table."""
    print(f"| {work} | {target} | {result} |", flush=True)


def plain_session(file: Path) -> onnxruntime.InferenceSession:
    """Return a session of plain ONNX Runtime on as many threads as the core uses."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def pair_inputs(a: GraphBatch, b: GraphBatch) -> dict[str, np.ndarray]:
    """Return the inputs of `comparator.onnx`."""
    return {
        "adjacency_a": a.adjacency,
        "operations_a": a.operations,
        "adjacency_b": b.adjacency,
        "operations_b": b.operations,
    }


def order_one_hundred(folder: Path, graphs: GraphBatch) -> None:
    """Order 100 architectures: encoded once, and by all pairs through the pair graph."""
    hundred = graphs[np.random.default_rng(0).choice(len(graphs), 100, replace=False)]
    first, second = np.nonzero(~np.eye(100, dtype=bool))
    pairs = pair_inputs(hundred[first], hundred[second])
    session = plain_session(folder / "comparator.onnx")
    comparator = ctnas.Comparator.load(folder, provider="cpu")
    calls = 50  # a single call after a long one would find its caches emptied
    many, today = medians(
        7,
        lambda: [comparator.rank(hundred) for _ in range(calls)],
        lambda: session.run(None, pairs),
    )
    ours = many / calls
    row(
        "order 100 architectures (`rank` of a `GraphBatch`)",
        "0.3 ms, 300 times the pair graph",
        f"{1e3 * ours:.3f} ms; all 9,900 pairs {1e3 * today:.0f} ms: {today / ours:,.0f} times",
    )


def order_everything(name: str, folder: Path, graphs: GraphBatch) -> None:
    """Encode all cells and average each over all others."""
    comparator = ctnas.Comparator.load(folder, provider="cpu")
    challenger, opponent = comparator.encode_graphs(graphs)
    whole, average = medians(
        5,
        lambda: comparator.rank(graphs, top=10),
        lambda: _core.mean_win_probability(challenger, opponent),
    )
    row(
        f"all {len(graphs):,} NAS-Bench-101 cells, {name}: encode, Eq. 5, best ten",
        "1.5 s, averaging 40 ms" if name == "default" else "",
        f"{whole:.2f} s, averaging {1e3 * average:.0f} ms",
    )


def operations_of(config: EncoderConfig, nodes: float, is_shared: bool) -> float:
    """Return floating-point operations of the matrix products of one architecture.

    Args:
        config: a bidirectional encoder.
        nodes: mean number of nodes of an architecture.
        is_shared: whether the second layer is left out, whose products equal nodes share.
    """
    width = config.width
    layers = config.layers - (2 if is_shared else 1)
    return 2.0 * (nodes * 3 * width * width * layers + 2 * width * width + 2 * width)


def peak_operations() -> float:
    """Return operations a second of a float32 product of two matrices that fit the cache."""
    side = 768
    a = np.random.default_rng(0).normal(size=(side, side)).astype(np.float32)
    out = np.empty_like(a)
    return 2.0 * side**3 / medians(25, lambda: np.matmul(a, a, out=out))[0]


def encode(name: str, folder: Path, graphs: GraphBatch, peak: float) -> None:
    """Encode in the core, and with plain `session.run` on one big batch."""
    some = graphs[np.random.default_rng(1).choice(len(graphs), SOME, replace=False)]
    session = plain_session(folder / "ranker.onnx")
    inputs = {"adjacency": some.adjacency, "operations": some.operations}
    comparator = ctnas.Comparator.load(folder, provider="cpu")
    comparator.encode_graphs(some)
    ours, today = medians(
        3, lambda: comparator.encode_graphs(some), lambda: session.run(None, inputs)
    )
    row(
        f"encode, {name} ({comparator.engine})",
        "300,000/s, 2 times plain" if name == "default" else "2 times plain",
        f"{SOME / ours:,.0f}/s, plain {SOME / today:,.0f}/s: {today / ours:.1f} times",
    )
    if CONFIGS[name].kind == "bidirectional":
        nodes = float((some.operations != 0).sum(axis=1).mean())
        roofline(name, nodes, SOME / ours, peak)


def roofline(name: str, nodes: float, rate: float, peak: float) -> None:
    """Set what is computed against what the cores can do."""
    whole, computed = (operations_of(CONFIGS[name], nodes, shared) for shared in (False, True))
    row(
        f"roofline, {name}",
        "",
        f"matrix products of {whole / 1e3:,.0f} kFLOP an architecture, {computed / 1e3:,.0f} of "
        f"them computed: {1e-9 * computed * rate:,.0f} GFLOP/s, a large product "
        f"reaches {1e-9 * peak:,.0f}",
    )


def one_comparison(folder: Path, graphs: GraphBatch) -> None:
    """Compare one pair: in the core, through the C interface, through Python onnxruntime."""
    a, b = graphs[:1], graphs[-1:]
    comparator = ctnas.Comparator.load(folder, provider="cpu")
    pair = _core.PairSession(folder / "comparator.onnx", provider="cpu")
    session = onnxruntime.InferenceSession(
        folder / "comparator.onnx", providers=["CPUExecutionProvider"]
    )
    inputs = pair_inputs(a, b)
    ours, interface, today = medians(
        500,
        lambda: comparator.compare(a, b),
        lambda: pair.compare(*inputs.values()),
        lambda: session.run(None, inputs),
    )
    row(
        "one comparison",
        "1.3 times the C interface",
        f"{1e6 * ours:.1f} us; C interface {1e6 * interface:.1f} us, "
        f"Python onnxruntime {1e6 * today:.1f} us: {ours / interface:.2f} times",
    )


def run_rank(*words: str) -> tuple[float, float]:
    """Return seconds and the peak memory in GB of a run of ctnas-rank."""
    program = shutil.which("ctnas-rank")
    start = (
        [program] if program else [sys.executable, "-c", "from ctnas.cli.rank import main; main()"]
    )
    command = [sys.executable, "-c", LAUNCHER, *start, *words]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, peak = map(float, said.split())
    # macOS counts bytes, Linux kilobytes.
    return seconds, peak * (1 if sys.platform == "darwin" else 1024) / 1e9


def start_of_rank(folder: Path) -> None:
    """Run ctnas-rank on ten architectures, from start to exit."""
    space = ctnas.get_space("nasbench101")
    file = folder / "ten.csv"
    write_table(file, {"architecture": space.format(space.sample(10, seed=0))})
    seconds = statistics.median(
        run_rank(str(folder), "--architectures", str(file))[0] for _ in range(5)
    )
    row("`ctnas-rank`: process start to first result", "0.6 s", f"{seconds:.2f} s")


def rank_millions(folder: Path, millions: Sequence[int]) -> None:
    """Rank tables of millions of architectures; each is repeated rows of one sample."""
    space = ctnas.get_space("nasbench101")
    texts = space.format(space.sample(100_000, seed=0))
    for million in millions:
        file = folder / f"{million}.parquet"
        write_table(file, {"architecture": texts * (10 * million)})
        seconds, memory = run_rank(str(folder), "--architectures", str(file), "--top", "10")
        file.unlink()
        row(
            f"`ctnas-rank`: {million} million architectures from Parquet",
            "1 GB, time linear",
            f"{seconds:.1f} s, {memory:.2f} GB, {seconds / million:.1f} s a million",
        )


def machine() -> str:
    """Return what the figures were measured on."""
    return (
        f"{CORES} cores, {platform.machine()}, {platform.system()}; Python "
        f"{platform.python_version()}, numpy {np.__version__}, onnxruntime "
        f"{onnxruntime.__version__}, ctnas {ctnas.__version__}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=int, nargs="*", default=[1, 3, 10])
    millions = parser.parse_args().millions
    space = ctnas.get_space("nasbench101")
    graphs = space.graphs(space.enumerate())
    print(machine(), "| work | target | result |", "|---|---|---|", sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        folders = {name: Path(directory) / str(index) for index, name in enumerate(CONFIGS)}
        for name, folder in folders.items():
            ctnas.NeuralArchitectureComparator(space, CONFIGS[name]).export(folder)
        order_one_hundred(folders["default"], graphs)
        for name in ("default", "width 64, 4 layers"):
            order_everything(name, folders[name], graphs)
        peak = peak_operations()
        for name, folder in folders.items():
            encode(name, folder, graphs, peak)
        one_comparison(folders["default"], graphs)
        start_of_rank(folders["default"])
        rank_millions(folders["default"], millions)


if __name__ == "__main__":
    main()
