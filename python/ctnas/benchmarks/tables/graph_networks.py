"""NAS-Bench-Graph: 26,206 graph neural networks on nine data sets."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.benchmarks.tables.package_data import package_file
from ctnas.benchmarks.tables.plain_pickle import read_plain_pickle
from ctnas.errors import LabelError
from ctnas.labels.label_set import LabelSet
from ctnas.spaces.graph_space import GraphSpace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ctnas.architecture import Int16Array
    from ctnas.spaces.wiring import WiredGraph

DATASETS = (
    "cora",
    "citeseer",
    "pubmed",
    "cs",
    "physics",
    "photo",
    "computers",
    "arxiv",
    "proteins",
)
LINKS = ("0000", "0001", "0011", "0012", "0013", "0111", "0112", "0122", "0123")
"""What each of the four layers reads: 0 is the input, 1 the first layer and so on."""
OPERATIONS = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")

_LAYERS = 4
_BASE = len(OPERATIONS) + 1
_COLUMNS = {"validation_performance": "valid_perf", "test_performance": "perf"}


@cache
def nas_bench_graph_space() -> GraphSpace:
    """Return the space of NAS-Bench-Graph: how four layers are linked, and what each computes.

    Every layer reads the input or one earlier layer; what nothing reads goes into the output. Of
    the rows that are isomorphic the benchmark lists one; the others have no label.

    Source: Qin et al., "NAS-Bench-Graph", NeurIPS 2022.
    """
    layers = {f"layer{number}": OPERATIONS for number in range(1, _LAYERS + 1)}
    return GraphSpace(
        "nas-bench-graph", {"links": LINKS, **layers}, _wire, vocabulary=OPERATIONS, nodes=6
    )


def nas_bench_graph(dataset: str, metric: str | None = None) -> LabelSet:
    """Read the labels of NAS-Bench-Graph from the installed package `nas-bench-graph`.

    Args:
        dataset: one of `DATASETS`. For `proteins` there are 2,021 architectures, of five
            operations.
        metric: `"validation_performance"` or `"test_performance"`: the accuracy, for `proteins`
            the area under the ROC curve, as a fraction, averaged over the benchmark's runs.

    Returns:
        Labels in ascending order of the benchmark's keys; the metric is named with the data set,
        such as `"cora_validation_performance"`.

    Raises:
        MissingPackageError: if the package is not installed.
        LabelError: if there is no such data set or metric, or the table is damaged.
    """
    if dataset not in DATASETS:
        raise LabelError(f"unknown data set {dataset!r}; known are {', '.join(DATASETS)}")
    if metric not in _COLUMNS:
        named = "the metric must be named" if metric is None else f"unknown metric {metric!r}"
        raise LabelError(f"{named}: known are {', '.join(_COLUMNS)}")
    space = nas_bench_graph_space()
    path = package_file("nas_bench_graph", f"light/{dataset}.bench")
    table = _checked(path, read_plain_pickle(path), _COLUMNS[metric])
    keys = sorted(table)
    values = np.array([table[key] for key in keys], dtype=np.float64)
    return LabelSet(space, space.batch(_decisions(path, keys)), values, f"{dataset}_{metric}")


def _wire(choice: Mapping[str, str]) -> WiredGraph:
    """Return the layers between input and output; each layer reads one node."""
    sources = [int(digit) for digit in choice["links"]]
    layers = [choice[f"layer{number}"] for number in range(1, _LAYERS + 1)]
    edges = [(source, layer) for layer, source in enumerate(sources, start=1)]
    leaves = [layer for layer in range(1, _LAYERS + 1) if layer not in sources]
    return ["input", *layers, "output"], [*edges, *((leaf, _LAYERS + 1) for leaf in leaves)]


def _checked(path: Path, table: object, column: str) -> dict[int, float]:
    """Return key -> label of the table of a data set."""
    if not isinstance(table, dict) or not all(isinstance(key, int) for key in table):
        raise LabelError(f"{path} is not a table with whole numbers as keys")
    return {key: _label(path, key, row, column) for key, row in table.items()}


def _label(path: Path, key: int, row: Any, column: str) -> float:
    value = row.get(column) if isinstance(row, dict) else None
    if not isinstance(value, float):
        raise LabelError(f"{path}, key {key}: {column} is {value!r}, not a number")
    return value


def _decisions(path: Path, keys: list[int]) -> Int16Array:
    """Return the rows that keys stand for: digits of base 10, the links before the operations."""
    powers = _BASE ** np.arange(_LAYERS, -1, -1)
    digits = np.array(keys, dtype=np.int64)[:, None] // powers
    digits[:, 1:] %= _BASE
    highest = np.array([len(LINKS), *[len(OPERATIONS)] * _LAYERS]) - 1
    wrong = ((digits < 0) | (digits > highest)).any(axis=1)
    if wrong.any():
        raise LabelError(f"{path}: key {keys[int(np.argmax(wrong))]} is no architecture")
    return digits.astype(np.int16)
