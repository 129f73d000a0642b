"""How many architectures a second the core turns into graphs, canonical rows, hashes and mutants.

Beside each figure stands what plain Python and NumPy make of the same. "end to end" is the search
for the best 1,000: candidates that descend from the best, canonical form, duplicates, graphs,
encoding by an untrained comparator of the default preset, and the kept ones.

    python benchmarks/spaces_speed.py --count 200000
"""

from __future__ import annotations

import argparse
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

import ctnas
from ctnas import _core
from ctnas.architecture import without_dead_nodes
from ctnas.comparator.presets import EncoderConfig
from ctnas.spaces import space_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.architecture import GraphBatch, Int16Array, Int64Array
    from ctnas.spaces import SearchSpace

_PYTHON_ROWS = 20_000
_KEPT = 1_000


def main() -> None:
    """Print a line for every space and step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="architectures in a batch")
    parser.add_argument("--threads", type=int, default=0, help="0: one for every core")
    parser.add_argument("--repetitions", type=int, default=3, help="the best time counts")
    arguments = parser.parse_args()
    print(f"{'space':12} {'step':10} {'core':>12} {'NumPy':>12}   architectures a second")
    for name in space_names():
        _measure(ctnas.get_space(name), arguments)


def _measure(space: SearchSpace, arguments: argparse.Namespace) -> None:
    core, threads = space.core, arguments.threads
    if core is None:
        return
    rows = core.sample(arguments.count, 0)
    few = rows[:_PYTHON_ROWS]
    steps: list[tuple[str, Callable[[Int16Array], object], Callable[[Int16Array], object]]] = [
        ("graphs", lambda r: core.graphs(r, threads), lambda r: _dense(space, r)),
        ("canonical", lambda r: core.canonical(r, threads), lambda r: _as_text(space, r)),
        ("hashes", lambda r: core.hashes(r, threads), lambda r: _distinct(space, r)),
        ("mutants", lambda r: core.mutants(r, 0, threads), lambda r: _mutants(space, r)),
    ]
    with TemporaryDirectory() as folder:
        ctnas.NeuralArchitectureComparator(space, EncoderConfig()).export(folder)
        encoder = _core.Encoder(f"{folder}/ranker.onnx", provider="cpu", threads=threads)
    steps.append(
        (
            "end to end",
            lambda r: _grow(core, encoder, len(r), threads),
            lambda r: _search(space, encoder, r),
        )
    )
    for step, in_core, in_python in steps:
        fast = arguments.count / _best(lambda run=in_core: run(rows), arguments.repetitions)
        slow = len(few) / _best(lambda run=in_python: run(few), arguments.repetitions)
        print(f"{space.name:12} {step:10} {fast:12,.0f} {slow:12,.0f}", flush=True)


def _best(run: Callable[[], object], repetitions: int) -> float:
    times = []
    for _ in range(repetitions):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def _dense(space: SearchSpace, rows: Int16Array) -> GraphBatch:
    """Remove dead nodes from graphs that stand in arrays, as a space without tables has it."""
    return without_dead_nodes(space.graphs(space.batch(rows)))


def _as_text(space: SearchSpace, rows: Int16Array) -> object:
    return space.parse(space.format(space.batch(rows)))


def _distinct(space: SearchSpace, rows: Int16Array) -> object:
    graphs = space.graphs(space.batch(rows))
    edges = graphs.adjacency.reshape(len(rows), -1)
    return np.unique(np.concatenate([graphs.operations, edges], axis=1), axis=0)


def _grow(core: _core.Space, encoder: _core.Encoder, count: int, threads: int) -> None:
    pool = _core.CandidatePool(core, encoder, keep=_KEPT, threads=threads)
    pool.grow(count)


def _search(space: SearchSpace, encoder: _core.Encoder, rows: Int16Array) -> Int64Array:
    """Do once in Python what a pool does with a batch of candidates."""
    changed = space.parse(space.format(space.batch(_mutants(space, rows))))
    graphs = space.graphs(changed)
    edges = graphs.adjacency.reshape(len(rows), -1)
    flat = np.concatenate([graphs.operations, edges], axis=1)
    fresh = np.unique(flat, axis=0, return_index=True)[1]
    challenger, _ = encoder.encode(graphs.adjacency[fresh], graphs.operations[fresh])
    best: Int64Array = fresh[np.argsort(-challenger)[:_KEPT]]
    return best


def _mutants(space: SearchSpace, rows: Int16Array) -> Int16Array:
    generator = np.random.default_rng(0)
    changed, every = rows.copy(), np.arange(len(rows))
    columns = generator.integers(len(space.decisions), size=len(rows))
    counts = space.choices[columns]
    changed[every, columns] = (changed[every, columns] + generator.integers(1, counts)) % counts
    return changed


if __name__ == "__main__":
    main()
