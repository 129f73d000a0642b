"""How a worker of a run measures: by the run's supernet, or a table in its place."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError, InputFileError
from ctnas.run.config import RunConfig
from ctnas.run.directory import RunDirectory
from ctnas.settings.resuming import identity
from ctnas.settings.toml import read_toml

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.labels.queue import LabelQueue
    from ctnas.workers.config import WorkerConfig
    from ctnas.workers.worker import Measure

RUN, SETTINGS, WEIGHTS = "run", "settings", "weights"
"""What a search notes in its study for workers."""


def measure_for(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return how a worker measures the architectures of a queue.

    Raises:
        CtnasError: if a table, or what the run has left, cannot be used.
    """
    if config.labels is not None:
        from ctnas.workers.table import table_measure

        return table_measure(config, config.labels, queue)
    return _supernet_measure(config, queue, progress)


def _supernet_measure(config: WorkerConfig, queue: LabelQueue, progress: Progress) -> Measure:
    """Return what measures with the supernet of the run that a study belongs to."""
    noted = queue.attributes.get(f"ctnas.{RUN}")
    if noted is None:
        raise ConfigurationError(
            f"study {config.study!r} names no run whose supernet measures: give --labels"
        )
    directory = RunDirectory(config.run or Path(str(noted)))
    for path in (directory.config, directory.supernet, directory.supernet_training):
        if not path.is_file():
            raise InputFileError(
                f"there is no {str(path)!r}, with which study {config.study!r} is measured; "
                "if this machine has the run directory under another name, give --run"
            )
    settings = read_toml(directory.config, RunConfig)
    for name, digest in _measured_by(settings, directory).items():
        if digest != queue.attributes.get(f"ctnas.{name}"):
            raise ConfigurationError(
                f"the {name} in {str(directory.path)!r} are not those of study {config.study!r}"
            )
    if config.data is not None:
        settings = replace(settings, data=config.data)
    from ctnas.run.supernet_labels import restored_weights

    return restored_weights(settings, directory, progress).label


def notes_for_workers(config: RunConfig, directory: RunDirectory) -> dict[str, str]:
    """Return what a search notes in its study: its directory, and what labels depend on."""
    return {RUN: str(directory.path.resolve()), **_measured_by(config, directory)}


def _measured_by(config: RunConfig, directory: RunDirectory) -> dict[str, str]:
    with directory.supernet.open("rb") as stream:
        weights = hashlib.file_digest(stream, "sha256").hexdigest()
    return {SETTINGS: identity(config, "labels"), WEIGHTS: weights}
