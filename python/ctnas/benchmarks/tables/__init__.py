"""Readers of public benchmark tables: published files, and tables that Python packages carry.

`LabelSet.read` reads the files; the packages come with `pip install 'ctnas[bench]'`. Nothing of
them is imported or run: their tables are read as plain data.
"""

from ctnas.benchmarks.tables.analog_cells import ANALOG_METRICS, analog_nasbench
from ctnas.benchmarks.tables.graph_networks import (
    DATASETS,
    nas_bench_graph,
    nas_bench_graph_space,
)

__all__ = [
    "ANALOG_METRICS",
    "DATASETS",
    "analog_nasbench",
    "nas_bench_graph",
    "nas_bench_graph_space",
]
