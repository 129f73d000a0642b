"""Predict how long networks take, from 100 that were timed: values, order and intervals.

`--what devices` reads `accel_nasbench.csv` (Accel-NASBench): latencies of 5,138 networks on six
devices, and their accuracy. `--what darts` takes DARTS networks for digits that were timed here, by

    ctnas-label --measure latency --queries 400 --out darts.csv

Every draw learns from 100 networks and is judged on up to 4,000 others: median relative error of
the predicted latency, Kendall's tau, the share of latencies in the 80 % interval. Plain models are
a Gaussian process and boosted trees of scikit-learn, on logarithms of the numbers (of DARTS, on
zeros and ones) and of the latencies.

    python benchmarks/latency.py --data DIRECTORY --draws 10 --out latency.jsonl
    python benchmarks/latency.py --what darts --data DIRECTORY --out latency-darts.jsonl

Draws that the file of results has are not done again.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pyarrow.csv
from scipy.stats import kendalltau

import ctnas
from ctnas import LabelSet
from spaces import PLAIN, drawn, plain_features

TABLE = "accel_nasbench.csv"
ACCURACY = "imagenet_val_top1"
DEVICES = {
    "zcu102": "latency_zcu102",
    "vck190": "latency_vck190",
    "3090": "throughput_3090",
    "a100": "throughput_a100",
    "tpuv2": "throughput_tpuv2",
    "tpuv3": "throughput_tpuv3",
}
"""Columns, in milliseconds or images a second."""
DARTS_TABLE = "darts.csv"
COMPARED = ("Gaussian process", "boosted trees")


def read(folder: Path) -> Callable[[str], LabelSet]:
    """Return what gives the labels of a column that are there: milliseconds, or an accuracy."""
    table = pyarrow.csv.read_csv(folder / TABLE)
    names = [name for name in table.column_names if name.startswith("block")]
    numbers = np.stack([table[name].to_numpy() for name in names], axis=1)
    choices = [np.unique(of) for of in numbers.T]
    space = ctnas.DecisionSpace("accel", dict(zip(names, choices, strict=True)))
    rows = [np.searchsorted(of, column) for of, column in zip(choices, numbers.T, strict=True)]
    batch = space.batch(np.stack(rows, axis=1).astype(np.int16))

    def labels(column: str) -> LabelSet:
        values = table[column].to_numpy(zero_copy_only=False).astype(np.float64)
        known = np.flatnonzero(np.isfinite(values))
        values = values[known]
        if column.startswith("throughput"):
            values = 1000 / values
        return LabelSet(space, batch[known], values, column, minimize=column != ACCURACY)

    return labels


def read_darts(folder: Path) -> Callable[[str], LabelSet]:
    """Return what gives the latencies of DARTS networks, whatever it is asked for."""
    space = ctnas.get_space("darts")
    labels = LabelSet.read(folder / DARTS_TABLE, space, "latency_ms", minimize=True)
    return lambda _: labels


def judged(labels: LabelSet, count: int, seed: int) -> dict[str, float]:
    """Return what one draw of labels foresees of the others."""
    known, unseen = drawn(labels, count, seed)
    truth = labels.measured[unseen]
    comparator = ctnas.fit_comparator(labels.space, labels[known], seed=seed)
    value, low, high = comparator.predict(labels[unseen].architectures)
    found = {
        "error": relative_error(value, truth),
        "tau": comparator.kendall_tau(labels[unseen]),
        "covered": float(np.mean((low <= truth) & (truth <= high))),
    }
    features = plain_features(labels)
    for name in COMPARED:
        predicted = PLAIN[name]().fit(features[known], np.log(labels.measured[known]))
        value = np.exp(predicted.predict(features[unseen]))
        found[f"error, {name}"] = relative_error(value, truth)
        found[f"tau, {name}"] = float(kendalltau(value, truth)[0])
    return found


def relative_error(value: np.ndarray, truth: np.ndarray) -> float:
    """Return the median of the relative errors."""
    return float(np.median(np.abs(value / truth - 1)))


def show(rows: list[dict]) -> None:
    """Print mean and standard deviation over draws, a row a device."""
    names = list(rows[0]["found"])
    print(f"| device | draws | {' | '.join(names)} |")
    print("|---|---|" + "---|" * len(names))
    for device in dict.fromkeys(row["device"] for row in rows):
        of = [row["found"] for row in rows if row["device"] == device]
        cells = []
        for name in names:
            values = [found[name] for found in of]
            spread = f" +- {stdev(values):.4f}" if len(values) > 1 else ""
            cells.append(f"{mean(values):.4f}{spread}")
        print(f"| {device} | {len(of)} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--what", choices=("devices", "darts"), default="devices")
    parser.add_argument("--devices", nargs="*", default=[*DEVICES, "accuracy"])
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--first-draw", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("latency.jsonl"))
    options = parser.parse_args()
    done = [json.loads(line) for line in options.out.open()] if options.out.exists() else []
    finished = {(row["device"], row["labels"], row["draw"]) for row in done}
    labels_of = (read if options.what == "devices" else read_darts)(options.data)
    if options.what == "darts":
        options.devices = ["darts, here"]
    for draw in range(options.first_draw, options.first_draw + options.draws):
        for device in options.devices:
            if (device, options.labels, draw) in finished:
                continue
            found = judged(labels_of(DEVICES.get(device, ACCURACY)), options.labels, draw)
            row = {"device": device, "labels": options.labels, "draw": draw, "found": found}
            done.append(row)
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)
    show(done)


if __name__ == "__main__":
    main()
