"""What a fit costs, each the first one in its process, in seconds and in matrix products.

Machines differ: beside the seconds stands their ratio to those of 1,000 products of 512 x 512
float32 matrices on one thread, taken in the same process. A round of adaptive queries is a later
one of a search, when what is read once has been read: five labels have come in. In the last two
rows they are those with which hyperparameters are learned again.

    python benchmarks/fit.py path/to/data [--only nasbench101:424 ...] [--parts]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import ctnas

ROWS = (
    "nasbench101:424",
    "darts:240",
    "nasbench201:156",
    "mobilenetv3:1000",
    "chain:100",
    "nasbench101:4236",
    "round-darts:240",
    "round-nasbench101:200",
    "round-darts:247",
    "round-nasbench101:215",
)
PARTS = {
    "features": ("ctnas.comparator.ensemble", "feature_groups"),
    "Gaussian processes": ("ctnas.comparator.ensemble", "_process"),
    "trees": ("ctnas.comparator.ensemble", "_boosted_trees"),
    "networks": ("ctnas.comparator.ensemble", "_opinion_of_networks"),
    "pool": ("ctnas.comparator.fitting", "unlabeled_pool"),
    "exported network": ("ctnas.comparator.fitting", "imitate_scores"),
}
"""Functions whose time is printed by `--parts`; networks learn while the three above them run."""
PRODUCTS, SIZE = 1_000, 512
CHAIN, CHOICES = 27, 8


def seconds_of_products() -> float:
    """Return the time of 1,000 products; the caller lets one thread compute them."""
    import numpy as np

    matrix = np.random.default_rng(0).normal(size=(SIZE, SIZE)).astype(np.float32)
    out = matrix @ matrix
    start = perf_counter()
    for _ in range(PRODUCTS // 5):
        np.matmul(matrix, matrix, out=out)
    return 5 * (perf_counter() - start)


def chain() -> ctnas.GraphSpace:
    """Return a chain of 27 nodes with 216 operations."""
    import ctnas

    decisions = {f"layer{at}": [f"size{c}" for c in range(CHOICES)] for at in range(CHAIN)}

    def wire(choice: dict[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        nodes = ["input", *(f"{name}.{value}" for name, value in choice.items()), "output"]
        return nodes, [(node, node + 1) for node in range(len(nodes) - 1)]

    vocabulary = [f"{name}.{value}" for name, values in decisions.items() for value in values]
    return ctnas.GraphSpace("chain", decisions, wire, vocabulary=vocabulary, nodes=CHAIN + 2)


def made_labels(name: str, count: int, data: Path) -> ctnas.LabelSet:
    """Return labels of a table, or made ones where there is none: time does not depend on them."""
    import numpy as np

    import ctnas

    if name == "mobilenetv3":
        path = data / "ofa_mobilenetv3_imagenet.csv"
        labels = ctnas.LabelSet.read(path, ctnas.get_space(name), metric="imagenet_top1")
        return labels.split(count / len(labels), seed=0)[0]
    space = chain() if name == "chain" else ctnas.get_space(name)
    batch = space.sample(count, seed=0)
    generator = np.random.default_rng(0)
    effect = generator.normal(size=(batch.decisions.shape[1], max(space.choices)))
    rows = np.arange(batch.decisions.shape[1])
    values = effect[rows, batch.decisions].sum(axis=1) + generator.normal(size=count)
    return ctnas.LabelSet(space, batch, values)


@contextmanager
def timed_parts(seconds: dict[str, float]) -> Iterator[None]:
    """Note how long the calls of `PARTS` take."""
    from importlib import import_module

    originals = []
    for part, (module_name, function) in PARTS.items():
        module = import_module(module_name)
        original = getattr(module, function)
        originals.append((module, function, original))
        setattr(module, function, _timed(original, seconds, part))
    try:
        yield
    finally:
        for module, function, original in originals:
            setattr(module, function, original)


def _timed(work: Callable[..., Any], seconds: dict[str, float], part: str) -> Callable[..., Any]:
    def timed(*arguments: object, **named: object) -> object:
        start, used = perf_counter(), thread_time()
        try:
            return work(*arguments, **named)
        finally:
            seconds[part] += perf_counter() - start
            seconds[f"{part}, this thread"] += thread_time() - used

    return timed


def measure(row: str, data: Path, parts: bool) -> dict[str, float]:
    """Return seconds of a fit or of a round, in this process."""
    name, count = row.split(":")
    labels = made_labels(name.removeprefix("round-"), int(count), data)
    seconds: dict[str, float] = defaultdict(float)
    if name.startswith("round-"):
        work = prepared_round(labels)
    else:
        import ctnas

        def work() -> object:
            return ctnas.fit_comparator(labels.space, labels, seed=0)

    start, used = perf_counter(), process_time()
    if parts and not name.startswith("round-"):
        with timed_parts(seconds):
            work()
    else:
        work()
    spent = {"seconds": perf_counter() - start, "processor": process_time() - used}
    return spent | {"products": seconds_of_products()} | seconds


def prepared_round(labels: ctnas.LabelSet) -> Callable[[], object]:
    """Return the second round of a search: five labels have come in since the first."""
    import numpy as np

    from ctnas.searching.candidates import CandidateSource
    from ctnas.searching.surrogate import Surrogate

    surrogate = Surrogate(CandidateSource(labels.space))
    generator = np.random.default_rng(0)
    surrogate.promising(labels[: len(labels) - 5], generator, 5)
    return lambda: surrogate.promising(labels, generator, 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="*", default=ROWS, help=", ".join(ROWS))
    parser.add_argument("--parts", action="store_true", help="print the time of each part")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.only[0], options.data, options.parts)))
        return
    print("| fit | s | thousand products | processor s |\n|---|---|---|---|", flush=True)
    flags = ["--here", *(["--parts"] if options.parts else [])]
    for row in options.only:
        command = [sys.executable, __file__, str(options.data), "--only", row, *flags]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        spent = json.loads(process.stdout)
        total, products, used = (spent.pop(k) for k in ("seconds", "products", "processor"))
        print(f"| {row} | {total:.2f} | {total / products:.2f} | {used:.2f} |", flush=True)
        for part, seconds in spent.items():
            print(f"| - {part} | {seconds:.2f} | {seconds / products:.2f} | |", flush=True)


if __name__ == "__main__":
    main()
