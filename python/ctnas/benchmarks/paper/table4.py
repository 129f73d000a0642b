"""Table 4: how the baseline is updated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.ablation import ablation
from ctnas.benchmarks.paper.paper import TABLE_4

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.config import ReproduceConfig
    from ctnas.benchmarks.paper.experiment import Experiment


def experiment(config: ReproduceConfig) -> Experiment:
    """Return Algorithm 1 with a curriculum, a fixed and a random baseline."""
    variants = {f"{kind} baseline": ({"baseline": kind}, TABLE_4[kind]) for kind in TABLE_4}
    return ablation("table4", "Table 4: updates of the baseline", variants, config)
