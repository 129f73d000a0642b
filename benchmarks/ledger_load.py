"""Workers on one PostgreSQL database: labels a second, none lost, and what the ledger costs.

    python benchmarks/ledger_load.py [--labels 5000] [--workers 8] [--storage URL]

Starts a PostgreSQL server of its own unless a URL is given. Workers collect labels from the
published table of NAS-Bench-201 as `ctnas.workers.work` does everywhere; a lookup costs nothing, so
that all the time is the ledger's. Afterwards every label is compared with the table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from postgres_server import PostgresServer

from ctnas.labels import LabelSet, Ledger
from ctnas.labels.label import Label
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import get_space
from ctnas.workers import work

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_TABLE = Path(os.environ.get("CTNAS_DATA", _DATA)) / "nasbench201_cifar10.csv"
_METRIC = "cifar10_valid_accuracy"
_ALONE = 500


def read_table(labels: int) -> dict[str, float]:
    """Return the labels of the first architectures of the table, by text."""
    space = get_space("nasbench201")
    table = LabelSet.read(_TABLE, space, metric=_METRIC)
    texts = space.format(table.architectures)
    return dict(zip(texts[:labels], table.values[:labels].tolist(), strict=True))


def answer(url: str, study: str, labels: int) -> tuple[int, float]:
    """Answer queries as one worker until there are none; return how many, and CPU seconds."""
    table = read_table(labels)

    def measure(text: str) -> Label:
        return Label(table[text], {"worker": os.getpid(), "seconds": 0.0, "source": "table"})

    with LabelQueue.open(url, study) as queue:
        print("ready", flush=True)
        sys.stdin.readline()
        before = process_time()
        return work(queue, measure, idle=0), process_time() - before


def collect(url: str, study: str, table: dict[str, float], workers: int) -> float:
    """Let worker processes answer all queries; return the seconds from the first to the last."""
    pipe = subprocess.PIPE
    command = [sys.executable, __file__, "--answer", study, "--storage", url]
    command += ["--labels", str(len(table))]
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(workers)
    ]
    for process in processes:
        if not process.stdout or process.stdout.readline() != "ready\n":
            sys.exit("a worker did not start")
    start = perf_counter()
    for process in processes:
        if process.stdin:
            process.stdin.write("\n")
            process.stdin.flush()
    said = [process.communicate()[0].split() for process in processes]
    seconds = perf_counter() - start
    written = sorted(int(count) for count, _ in said)
    spent = sum(float(cpu) for _, cpu in said)
    print(f"  labels by worker: {' '.join(map(str, written))}")
    print(f"  {1000 * spent / len(table):.2f} ms of a worker's CPU a label")
    return seconds


def check(url: str, study: str, table: dict[str, float]) -> str:
    """Return how many labels are lost, wrong or written twice."""
    with Ledger.open(url, study=study) as ledger:
        found = dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))
        twice = ledger.trial_count() - len(found)
    lost = len(table.keys() - found.keys())
    wrong = sum(not np.isclose(table[text], value, rtol=1e-9) for text, value in found.items())
    return f"{len(found)} labels, {lost} lost, {wrong} wrong, {twice} twice"


def load(url: str, study: str, table: dict[str, float], workers: int) -> bool:
    """Queue all of a table and collect it; print what that took, return whether all is there."""
    Ledger.create(url, get_space("nasbench201"), _METRIC, study).close()
    with LabelQueue.open(url, study, create=True) as queue:
        start = perf_counter()
        queue.enqueue(table)
        queued = perf_counter() - start
    print(f"{workers} worker(s), {len(table)} labels; queued in {queued:.2f} s")
    seconds = collect(url, study, table, workers)
    found = check(url, study, table)
    print(f"  {len(table) / seconds:.0f} labels/s, {1000 * seconds / len(table):.2f} ms a label")
    print(f"  {found}", flush=True)
    return found == f"{len(table)} labels, 0 lost, 0 wrong, 0 twice"


def main() -> None:
    """Print the figures of one worker and of many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--storage")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        print(*answer(arguments.storage, arguments.answer, arguments.labels))
        return
    table = read_table(arguments.labels)
    with nullcontext() if arguments.storage else PostgresServer() as server:
        url = server.new_database() if server else arguments.storage
        alone = load(url, "alone", dict(list(table.items())[:_ALONE]), 1)
        together = load(url, "together", table, arguments.workers)
    sys.exit(not (alone and together))


if __name__ == "__main__":
    main()
