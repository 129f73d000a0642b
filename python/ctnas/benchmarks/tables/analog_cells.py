"""AnalogNAS-Bench: the cells of NAS-Bench-201 on analog in-memory hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas.benchmarks.tables.package_data import package_file
from ctnas.benchmarks.tables.plain_pickle import PickledRecord, read_plain_pickle
from ctnas.errors import LabelError
from ctnas.labels.label_set import LabelSet
from ctnas.spaces.nasbench201.space import NASBENCH201_OPERATIONS, NasBench201Space

if TYPE_CHECKING:
    from pathlib import Path

    from ctnas.architecture import Int16Array

ANALOG_METRICS = (
    "baseline_accuracy",
    "ptq_accuracy",
    "qat_accuracy",
    "noisy_accuracy",
    "analog_accuracy",
    *(
        f"{kind}_drift_{age}"
        for kind in ("baseline", "analog")
        for age in (60, 3600, 86400, 2592000)
    ),
)

_RECORDS = ("analognasbench.data.Architecture", "analognasbench.data.DriftMeasurement")
_OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
"""Operations in the order of the table's numbers."""
_EDGES = (0, 1, 3, 2, 4, 5)
"""Where the table has the operation of each decision: it sorts edges by source, not target."""


def analog_nasbench(metric: str | None = None) -> LabelSet:
    """Read the labels of AnalogNAS-Bench from the installed package `analog-nasbench`.

    Args:
        metric: one of `ANALOG_METRICS`: the test accuracy in percent on CIFAR-10, as trained
            (`baseline`), quantized after or while training (`ptq`, `qat`), with noise added
            (`noisy`), after training for noisy hardware (`analog`), and on it after so many seconds
            of drift.

    Returns:
        15,625 labels of the space `nasbench201`, in the order of the table.

    Raises:
        InputFileError: if the package is not installed.
        LabelError: if there is no such metric, or the table is damaged.
    """
    if metric not in ANALOG_METRICS:
        named = "the metric must be named" if metric is None else f"unknown metric {metric!r}"
        raise LabelError(f"{named}: known are {', '.join(ANALOG_METRICS)}")
    path = package_file("analognasbench", "data.anb")
    table = read_plain_pickle(path, _RECORDS)
    if not isinstance(table, dict) or not table:
        raise LabelError(f"{path} is not a table of architectures")
    values = np.array([_label(path, key, record, metric) for key, record in table.items()])
    space = NasBench201Space()
    return LabelSet(space, space.batch(_decisions(path, list(table))), values, metric)


def _label(path: Path, key: object, record: Any, metric: str) -> float:
    value = getattr(record, metric, None)
    if isinstance(value, PickledRecord):
        # A measurement after drift comes with its uncertainty.
        value = getattr(value, "value", None)
    if not isinstance(value, float):
        raise LabelError(f"{path}, key {key!r}: {metric} is {value!r}, not a number")
    return value


def _decisions(path: Path, keys: list[Any]) -> Int16Array:
    """Return the rows that keys stand for: six numbers of operations."""
    for key in keys:
        if not isinstance(key, tuple) or len(key) != len(_EDGES) or not set(key) <= set(range(5)):
            raise LabelError(f"{path}: key {key!r} is no architecture")
    choices = np.array([NASBENCH201_OPERATIONS.index(name) for name in _OPERATIONS], dtype=np.int16)
    rows: Int16Array = choices[np.array(keys)[:, _EDGES]]
    return rows
