"""The options of a worker. Importing this never imports PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import STORAGE_VARIABLE, with_password, without_password
from ctnas.labels.study import STUDY


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker measures, and how long it stays.

    Attributes:
        storage: where the labels are kept: labels.db of a run, another SQLite file, or the URL of a
            database. The environment variable may hold a password that nobody is to see.
        study: name of the labels in that storage; ctnas-search prints it.
        run: directory of the run, where this machine has it under another name than the search.
        data: folder of the images, where it is another than the search's.
        labels: take labels from a table, CSV, Parquet or JSON lines, in place of measuring.
        metric: column of that table; that of the study if not given.
        space: TOML file that declares the study's space, where it is not built in.
        idle: seconds without anything to measure after which to end; for ever if not given.
        heartbeat: seconds between two signs of life; the study's if not given, and at most that.
        until_eof: end when standard input ends, as it does with the process that holds the other
            end of it.
        quiet: say nothing but errors.
    """

    storage: Annotated[str | None, Parameter(env_var=STORAGE_VARIABLE)] = None
    study: str = STUDY
    run: Path | None = None
    data: Path | None = None
    labels: Path | None = None
    metric: str | None = None
    space: Path | None = None
    idle: float | None = None
    heartbeat: float | None = None
    until_eof: Annotated[bool, Parameter(negative="")] = False
    quiet: bool = False

    def __post_init__(self) -> None:
        if not self.storage:
            raise ConfigurationError(
                f"--storage is needed, or the environment variable {STORAGE_VARIABLE}: labels.db "
                "of a run, or the URL of a database"
            )
        without_password(self.storage)
        if self.idle is not None and not self.idle >= 0:
            raise ConfigurationError(f"idle must be at least 0, not {self.idle}")
        if self.heartbeat is not None and not self.heartbeat > 0:
            raise ConfigurationError(f"heartbeat must be above 0, not {self.heartbeat}")
        if self.labels is None and (self.metric is not None or self.space is not None):
            raise ConfigurationError("--metric and --space belong to --labels")
        if self.labels is not None and (self.run is not None or self.data is not None):
            raise ConfigurationError("--run and --data do not go with --labels")

    @property
    def location(self) -> str:
        """The storage, with its password."""
        return with_password(self.storage or "")
