"""The experiments by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from ctnas.benchmarks.paper.config import ReproduceConfig, Target
    from ctnas.benchmarks.paper.experiment import Experiment


def load_experiment(target: Target, config: ReproduceConfig) -> Experiment:
    """Return an experiment, its data read."""
    if config.supernet and target != "table1":
        raise ConfigurationError(f"supernet is an option of table1, not of {target}")
    module = import_module(f"ctnas.benchmarks.paper.{'table_a' if target == 'tableA' else target}")
    experiment: Experiment = module.experiment(config)
    return experiment
