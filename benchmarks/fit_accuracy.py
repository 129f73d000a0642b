"""Kendall's tau of fitted comparators on four public tables, a JSON line a draw.

Each draw learns from so many labels of a table and is judged on architectures that it has not seen.
Draws that `--out` already holds are left out, so that a stopped run is resumed. With
another version of the package on PYTHONPATH, the same draws show what that version reaches.

    python benchmarks/fit_accuracy.py path/to/data --out draws.jsonl [--draws 10] [--first 0]
    python benchmarks/fit_accuracy.py path/to/data --out draws.jsonl --draws 0   # only the table
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

import ctnas
from ctnas.benchmarks.paper import data as benchmark_data
from ctnas.comparator.metrics import kendall_tau

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctnas.benchmarks.paper.benchmark import Benchmark

ROWS = (
    ("nasbench101", 100),
    ("nasbench201", 78),
    ("nasbench201", 156),
    ("nasbench101", 424),
    ("accel", 100),
    ("once_for_all", 1000),
    ("nasbench201", 781),
)
CELLS = 20_000
"""Cells of NAS-Bench-101 that a draw is judged on; of NAS-Bench-201, all others."""
ACCEL_JUDGED = 4_000


def of_benchmark(benchmark: Benchmark, judged: int | None, count: int, seed: int) -> float:
    """Return tau on other architectures, all or `judged` of them, after labels drawn uniformly."""
    # The first draw of a search with this seed, by the means of any version.
    drawn = benchmark.space.sample(count, np.random.default_rng([seed, 1]))
    labels = ctnas.LabelSet(benchmark.space, drawn, benchmark.measure(drawn))
    comparator = ctnas.fit_comparator(benchmark.space, labels, seed=seed)
    places = benchmark.others(drawn, judged, seed)
    values = (benchmark.queried if judged is None else benchmark.judged)[places]
    predicted = comparator.encode(benchmark.architectures[places])[0]
    return kendall_tau(predicted.astype(np.float64), values)


def of_labels(labels: ctnas.LabelSet, judged: int, count: int, seed: int) -> float:
    """Return tau on up to `judged` others, after `count` labels of a table."""
    train, others = labels.split(count / len(labels), seed)
    return ctnas.fit_comparator(labels.space, train, seed=seed).kendall_tau(others[:judged])


def read_accel(path: Path) -> ctnas.LabelSet:
    """Read a table of MnasNet-like networks: a chain of the decisions in its first 28 columns."""
    with path.open(newline="") as file:
        every = list(csv.DictReader(file))
    names = [name for name in every[0] if name.startswith("block")]
    # Some networks were trained more than once: the first training counts.
    rows = list({tuple(row[name] for name in names): row for row in reversed(every)}.values())
    decisions = {name: sorted({row[name] for row in rows}) for name in names}

    def wire(choice: dict[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        nodes = ["input", *(f"{name}.{choice[name]}" for name in names), "output"]
        return nodes, [(node, node + 1) for node in range(len(nodes) - 1)]

    vocabulary = [f"{name}.{value}" for name in names for value in decisions[name]]
    space = ctnas.GraphSpace(
        "mnasnet", decisions, wire, vocabulary=vocabulary, nodes=len(names) + 2
    )
    choices = [[decisions[name].index(row[name]) for name in names] for row in rows]
    batch = space.batch(np.array(choices, dtype=np.int16))
    return ctnas.LabelSet(space, batch, np.array([float(r["imagenet_val_top1"]) for r in rows]))


def make_tables(data: Path) -> dict[str, Callable[[int, int], float]]:
    """Return what fits and judges, by table: called with the number of labels and a seed."""

    def accel(count: int, seed: int) -> float:
        return of_labels(read_accel(data / "accel_nasbench.csv"), ACCEL_JUDGED, count, seed)

    def once_for_all(count: int, seed: int) -> float:
        space = ctnas.get_space("mobilenetv3")
        path = data / "ofa_mobilenetv3_imagenet.csv"
        labels = ctnas.LabelSet.read(path, space, metric="imagenet_top1")
        return of_labels(labels, len(labels), count, seed)

    return {
        "nasbench101": lambda count, seed: of_benchmark(
            benchmark_data.nasbench101(data), CELLS, count, seed
        ),
        "nasbench201": lambda count, seed: of_benchmark(
            benchmark_data.nasbench201(data), None, count, seed
        ),
        "once_for_all": once_for_all,
        "accel": accel,
    }


def read_draws(path: Path) -> dict[tuple[str, int, int], float]:
    """Return tau by table, number of labels and seed."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {(line["table"], line["labels"], line["seed"]): line["tau"] for line in lines}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--only", nargs="*", help="rows, such as nasbench101:424")
    options = parser.parse_args()
    done, tables = read_draws(options.out), make_tables(options.data)
    for table, count in ROWS:
        if options.only and f"{table}:{count}" not in options.only:
            continue
        for seed in range(options.first, options.first + options.draws):
            if (table, count, seed) in done:
                continue
            start = perf_counter()
            tau = tables[table](count, seed)
            seconds = perf_counter() - start
            line = {"table": table, "labels": count, "seed": seed, "tau": tau, "seconds": seconds}
            with options.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
    print_table(read_draws(options.out))


def print_table(draws: dict[tuple[str, int, int], float]) -> None:
    print("| table | labels | draws | tau, mean | deviation |\n|---|---|---|---|---|")
    for table, count in ROWS:
        taus = np.array([tau for (t, c, _), tau in draws.items() if (t, c) == (table, count)])
        if len(taus):
            print(f"| {table} | {count:,} | {len(taus)} | {taus.mean():.4f} | {taus.std():.4f} |")


if __name__ == "__main__":
    main()
