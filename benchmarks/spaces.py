"""Order real architectures whose decisions are numbers: the comparator beside plain models.

Every draw learns from a few labels, and Kendall's tau is taken on up to 4,000 others. Plain models
are ridge regression, boosted trees, a random forest and a Gaussian process of scikit-learn on the
logarithms of the numbers. `--what noise` adds known noise to labels and compares it with what is
estimated; `--what prior` adds columns that are related, opposite or random.

    python benchmarks/spaces.py --data DIRECTORY --draws 10 --out spaces.jsonl

The directory has `nasbench_mr_video.csv`, `accel_nasbench.csv`, `ofa_mobilenetv3_imagenet.csv` and
`nasbench201_cifar10.csv`, or some of them. Draws that the file of results has are not done again.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pyarrow.csv
from scipy.stats import kendalltau
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV

import ctnas
from ctnas.comparator.noise import estimate_noise
from ctnas.comparator.spread import normal_scores
from ctnas.labels.information import is_lower_better

TABLES = {
    "nasbench_mr_video.csv": ("code", "top1", "top5"),
    "accel_nasbench.csv": ("block", "imagenet_val_top1", "train_time_s"),
}
SPACES = {
    "ofa_mobilenetv3_imagenet.csv": ("mobilenetv3", "imagenet_top1", "madds"),
    "nasbench201_cifar10.csv": ("nasbench201", "cifar10_valid_accuracy", "cifar10_test_accuracy"),
}
OTHERS = 4_000
PLAIN: dict[str, Callable[[], object]] = {
    "ridge": lambda: RidgeCV(np.logspace(-2, 4, 13)),
    "boosted trees": lambda: GradientBoostingRegressor(
        n_estimators=300, max_depth=4, learning_rate=0.03, subsample=0.5, random_state=0
    ),
    "random forest": lambda: RandomForestRegressor(200, random_state=0),
    "Gaussian process": lambda: GaussianProcessRegressor(
        ConstantKernel() * RBF(3.0) + WhiteKernel(0.3), normalize_y=True
    ),
}


def read(folder: Path, name: str) -> tuple[ctnas.LabelSet, ctnas.LabelSet]:
    """Return the labels of a table, and another column of it."""
    if name in SPACES:
        space_name, metric, other = SPACES[name]
        space = ctnas.get_space(space_name)
        return tuple(
            ctnas.LabelSet.read(folder / name, space, metric=each, minimize=is_lower_better(each))
            for each in (metric, other)
        )
    prefix, metric, other = TABLES[name]
    table = pyarrow.csv.read_csv(folder / name)
    columns = [column for column in table.column_names if column.startswith(prefix)]
    numbers = np.stack([table[column].to_numpy() for column in columns], axis=1)
    choices = [np.unique(of) for of in numbers.T]
    space = ctnas.DecisionSpace(name.removesuffix(".csv"), dict(zip(columns, choices, strict=True)))
    rows = [np.searchsorted(of, column) for of, column in zip(choices, numbers.T, strict=True)]
    batch = space.batch(np.stack(rows, axis=1).astype(np.int16))
    return tuple(
        ctnas.LabelSet(space, batch, table[each].to_numpy(), each, minimize=is_lower_better(each))
        for each in (metric, other)
    )


def plain_features(labels: ctnas.LabelSet) -> np.ndarray:
    """Return numbers as logarithms and names as zeros and ones, standardized; -1 if not active."""
    active = labels.space.active(labels.architectures)
    columns = []
    for at, decision in enumerate(labels.space.decisions):
        chosen = labels.architectures.decisions[:, at]
        numbers = decision.numbers
        if numbers is None:
            columns.extend((chosen == choice) * 1.0 for choice in range(len(decision)))
            continue
        value = np.log2(numbers) if numbers.min() > 0 else numbers
        columns.append(np.where(active[:, at], value[chosen], value.min() - 1))
    features = np.stack(columns, axis=1)
    features = features[:, features.std(axis=0) > 0]
    return (features - features.mean(axis=0)) / features.std(axis=0)


def order(labels: ctnas.LabelSet, _: ctnas.LabelSet, count: int, seed: int) -> dict[str, float]:
    """Return Kendall's tau of every model on labels that it has not seen."""
    features = plain_features(labels)
    known, unseen = drawn(labels, count, seed)
    target, truth = normal_scores(labels.values[known]), labels.values[unseen]
    taus = {}
    for name, make in PLAIN.items():
        predicted = make().fit(features[known], target).predict(features[unseen])
        taus[name] = kendalltau(predicted, truth)[0]
    comparator = ctnas.fit_comparator(labels.space, labels[known], seed=seed)
    _, low, high = comparator.predict(labels[unseen].architectures)
    measured = labels.measured[unseen]
    taus["ctnas"] = comparator.kendall_tau(labels[unseen])
    taus["in the 80 % interval"] = float(np.mean((low <= measured) & (measured <= high)))
    return taus


def noise(labels: ctnas.LabelSet, _: ctnas.LabelSet, count: int, seed: int) -> dict[str, float]:
    """Return what is estimated where noise of a known size was added."""
    known, _ = drawn(labels, count, seed)
    found = {}
    for added in (0.0, 0.2, 0.5, 1.0):
        extra = np.random.default_rng(seed).normal(0, added, count)
        noisy = ctnas.LabelSet(
            labels.space, labels[known].architectures, labels.values[known] + extra
        )
        found[f"{added} added"] = estimate_noise(noisy, seed)
    return found


def prior(labels: ctnas.LabelSet, other: ctnas.LabelSet, count: int, seed: int) -> dict[str, float]:
    """Return Kendall's tau without and with columns that are known."""
    known, unseen = drawn(labels, count, seed)
    generator = np.random.default_rng([seed, count])

    def column(values: np.ndarray) -> ctnas.LabelSet:
        return ctnas.LabelSet(labels.space, labels.architectures, values, "known")

    priors = {
        "none": [],
        "random": [column(generator.normal(size=len(labels)))],
        other.metric: [column(other.values)],
        f"opposite of {other.metric}": [column(-other.values)],
    }
    return {
        name: ctnas.fit_comparator(labels.space, labels[known], seed=seed, prior=given).kendall_tau(
            labels[unseen]
        )
        for name, given in priors.items()
    }


def drawn(labels: ctnas.LabelSet, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows to learn from, and rows to judge by."""
    rows = np.random.default_rng(seed).permutation(len(labels))
    return rows[:count], rows[count : count + OTHERS]


MEASURES = {"order": order, "noise": noise, "prior": prior}


def tasks(options: argparse.Namespace, done: list[dict]) -> Iterator[tuple[str, int, int]]:
    """Yield table, number of labels and draw of all that is left to do."""
    finished = {(row["what"], row["table"], row["labels"], row["draw"]) for row in done}
    for table in options.tables or [*TABLES, *SPACES]:
        if not (options.data / table).exists():
            print(f"{table} is not in {options.data}")
            continue
        for count in options.labels:
            for draw in range(options.draws):
                if (options.what, table, count, draw) not in finished:
                    yield table, count, draw


def show(rows: list[dict]) -> None:
    """Print mean and standard deviation over draws, a row a table and number of labels."""
    names = list(dict.fromkeys(name for row in rows for name in row["found"]))
    print(f"| table | labels | draws | {' | '.join(names)} |")
    print("|---|---|---|" + "---|" * len(names))
    for table, count in dict.fromkeys((row["table"], row["labels"]) for row in rows):
        of = [row["found"] for row in rows if (row["table"], row["labels"]) == (table, count)]
        cells = [_spread([found[name] for found in of if name in found]) for name in names]
        print(f"| {table} | {count} | {len(of)} | {' | '.join(cells)} |")


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return "".join(f"{value:.4f}" for value in values)
    return f"{mean(values):.4f} +- {stdev(values):.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--what", choices=MEASURES, default="order")
    parser.add_argument("--tables", nargs="*")
    parser.add_argument("--labels", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("spaces.jsonl"))
    options = parser.parse_args()
    done = [json.loads(line) for line in options.out.open()] if options.out.exists() else []
    loaded: dict[str, tuple[ctnas.LabelSet, ctnas.LabelSet]] = {}
    for table, count, draw in tasks(options, list(done)):
        if table not in loaded:
            loaded[table] = read(options.data, table)
        found = MEASURES[options.what](*loaded[table], count, draw)
        row = {"what": options.what, "table": table, "labels": count, "draw": draw}
        done.append(row | {"found": {name: float(value) for name, value in found.items()}})
        with options.out.open("a") as file:
            file.write(json.dumps(done[-1]) + "\n")
        print(json.dumps(done[-1]), file=sys.stderr, flush=True)
    show([row for row in done if row["what"] == options.what])


if __name__ == "__main__":
    main()
