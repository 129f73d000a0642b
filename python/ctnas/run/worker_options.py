"""What the options on workers have to be, and which of them go together."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import without_password

if TYPE_CHECKING:
    from ctnas.run.config import RunConfig


def check_workers(config: RunConfig) -> None:
    """Refuse what cannot be, or does not go together.

    Raises:
        ConfigurationError: naming the option.
    """
    if config.queues and config.labels is not None:
        raise ConfigurationError(
            "--workers and --engine ray measure architectures, which --labels has measured already"
        )
    if config.study is not None and config.storage is None:
        raise ConfigurationError("--study belongs to --storage: labels.db holds one study only")
    if config.storage is not None:
        without_password(config.storage)
    _check_cluster(config)


def _check_cluster(config: RunConfig) -> None:
    if config.engine == "local":
        for name in ("address", "gpus_per_task"):
            if getattr(config, name):
                raise ConfigurationError(f"--{name.replace('_', '-')} belongs to --engine ray")
    elif config.workers == 0:
        raise ConfigurationError("workers must be at least 1 with --engine ray, not 0")
    gpus = config.gpus_per_task
    if not (isfinite(gpus) and gpus >= 0 and (gpus <= 1 or gpus == int(gpus))):
        raise ConfigurationError(
            f"gpus-per-task must be a whole number, or a part of one GPU, not {gpus}"
        )
