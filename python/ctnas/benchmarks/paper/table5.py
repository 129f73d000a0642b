"""Table 5: the share of pseudo-labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctnas.benchmarks.paper.ablation import ablation
from ctnas.benchmarks.paper.paper import TABLE_5

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.config import ReproduceConfig
    from ctnas.benchmarks.paper.experiment import Experiment


def experiment(config: ReproduceConfig) -> Experiment:
    """Return Algorithm 1 with shares from 0 to 0.8."""
    variants = {
        f"r = {ratio}": ({"pseudo_label_ratio": ratio}, published)
        for ratio, published in TABLE_5.items()
    }
    return ablation("table5", "Table 5: share of pseudo-labels", variants, config)
