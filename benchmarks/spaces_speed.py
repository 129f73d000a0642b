"""How many architectures a second the core turns into graphs, canonical rows, hashes and texts.

"end to end" is the search for the best 1,000: candidates that descend from the best, canonical
form, duplicates, graphs, encoding by an untrained comparator of the default preset, and the kept
ones. Rows are taken 8,192 at a time, as a comparator takes them. "CPU" divides by the time that
threads computed, so that it hardly depends on what else runs. "loop" is plain Python that makes
one graph after the other of the same declaration, the way that spaces without tables have.

    python benchmarks/spaces_speed.py --count 200000
"""

from __future__ import annotations

import argparse
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np
import torch

import ctnas
from ctnas import _core
from ctnas.architecture import INPUT, OUTPUT, ArchitectureBatch
from ctnas.comparator.presets import EncoderConfig
from ctnas.spaces import space_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.architecture import Int16Array
    from ctnas.spaces import SearchSpace
    from ctnas.spaces.tables import ChoiceTable, SpaceTables

_LOOPED_ROWS = 5_000
_KEPT = 1_000
_AT_ONCE = 8_192
_TARGETS = {
    ("darts", "graphs"): 2_000_000,
    ("darts", "end to end"): 300_000,
    ("nasbench101", "graphs"): 2_000_000,
    ("nasbench201", "graphs"): 2_000_000,
}


def main() -> None:
    """Print a line for every space and step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="architectures in a batch")
    parser.add_argument("--threads", type=int, default=0, help="0: one for every core")
    parser.add_argument("--repetitions", type=int, default=3, help="the best time counts")
    arguments = parser.parse_args()
    print(
        "| space | step | a second | a second of CPU | target | loop |\n|---|---|---|---|---|---|"
    )
    for name in space_names():
        _measure(ctnas.get_space(name), arguments)


def _measure(space: SearchSpace, arguments: argparse.Namespace) -> None:
    core, form, threads = space.core, space.text_form, arguments.threads
    if core is None or form is None:
        return
    rows = core.sample(arguments.count, 0)
    texts = form.format(rows, threads)
    # What candidates have in common, and with it the speed of encoding, depends on the weights.
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        ctnas.NeuralArchitectureComparator(space, EncoderConfig()).export(folder)
        encoder = _core.Encoder(f"{folder}/ranker.onnx", provider="cpu", threads=threads)
    steps: dict[str, Callable[[], object]] = {
        "graphs": lambda: _in_pieces(rows, lambda r: core.graphs(r, threads)),
        "canonical": lambda: _in_pieces(rows, lambda r: core.canonical(r, threads)),
        "hashes": lambda: _in_pieces(rows, lambda r: core.hashes(r, threads)),
        "mutants": lambda: _in_pieces(rows, lambda r: core.mutants(r, 0, threads)),
        "format": lambda: form.format(rows, threads),
        "parse": lambda: form.parse(texts, threads),
        "end to end": lambda: _grow(core, encoder, len(rows), threads),
    }
    for step, run in steps.items():
        wall, cpu = _best(run, arguments.repetitions)
        target = _TARGETS.get((space.name, step))
        loop = _loop_speed(space, rows[:_LOOPED_ROWS]) if step == "graphs" else None
        print(
            f"| {space.name} | {step} | {len(rows) / wall:,.0f} | {len(rows) / cpu:,.0f} | "
            f"{f'{target:,}' if target else ''} | {f'{loop:,.0f}' if loop else ''} |",
            flush=True,
        )


def _in_pieces(rows: Int16Array, run: Callable[[Int16Array], object]) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        run(rows[start : start + _AT_ONCE])


def _best(run: Callable[[], object], repetitions: int) -> tuple[float, float]:
    """Return the least seconds that went by, and the least that were computed for."""
    walls, cpus = [], []
    for _ in range(repetitions):
        wall, cpu = perf_counter(), process_time()
        run()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return min(walls), min(cpus)


def _grow(core: _core.Space, encoder: _core.Encoder, count: int, threads: int) -> None:
    pool = _core.CandidatePool(core, encoder, keep=_KEPT, threads=threads)
    pool.grow(count)


def _loop_speed(space: SearchSpace, rows: Int16Array) -> float | None:
    """Return how many graphs a second plain Python makes, or None where it would need more rules.

    Cells that have rules of their own, and nodes that are bypassed, are left out.
    """
    tables = space.tables
    if tables is None or not tables.nodes or any(decision >= 0 for _, decision in tables.nodes):
        return None
    choices = space.choices.tolist()
    start = perf_counter()
    looped = [_looped(tables, choices, row) for row in rows.tolist()]
    seconds = perf_counter() - start
    graphs = space.graphs(ArchitectureBatch(space.name, rows))
    edges = [len(edges) for _, edges in looped]
    if edges != graphs.adjacency.sum(axis=(1, 2), dtype=np.int64).tolist():
        raise SystemExit("the loop makes other graphs than the core")
    return len(rows) / seconds


def _looped(
    tables: SpaceTables, choices: list[int], row: list[int]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return operations and edges of one architecture without dead nodes."""
    operations = [_value(table, choices, row) for table, _ in tables.nodes]
    edges = [
        (source, target)
        for source, target, conditions in tables.edges
        if all(_value(table, choices, row) for table in conditions)
    ]
    edges.sort()
    reached = {node for node, operation in enumerate(operations) if operation == INPUT}
    for source, target in edges:
        if source in reached and operations[target] > 0:
            reached.add(target)
    reaching = {node for node, operation in enumerate(operations) if operation == OUTPUT}
    for source, target in reversed(edges):
        if target in reaching and operations[source] > 0:
            reaching.add(source)
    living = sorted(reached & reaching)
    number = {node: place for place, node in enumerate(living)}
    return [operations[node] for node in living], [
        (number[source], number[target])
        for source, target in edges
        if source in number and target in number
    ]


def _value(table: ChoiceTable, choices: list[int], row: list[int]) -> int:
    place = 0
    for column in table.columns:
        place = place * choices[column] + row[column]
    return table.values[place]


if __name__ == "__main__":
    main()
