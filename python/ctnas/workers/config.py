"""The options of a worker. Importing this never imports PyTorch.

Annotations are evaluated here, so that dataclasses of other modules can inherit the options.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import STORAGE_VARIABLE, with_password, without_password
from ctnas.labels.study import STUDY
from ctnas.settings.option import Option, check_options


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker measures, and how long it stays."""

    storage: Annotated[
        str | None,
        Option(
            "where the labels are kept: labels.db of a run, another SQLite file, or the URL of "
            "a database. The environment variable may hold a password that nobody is to see.",
            env_var=STORAGE_VARIABLE,
        ),
    ] = None
    study: Annotated[str, Option("name of the labels in that storage; ctnas-search prints it.")] = (
        STUDY
    )
    run: Annotated[
        Path | None,
        Option(
            "directory of the run, where this machine has it under another name than the search."
        ),
    ] = None
    data: Annotated[
        Path | None, Option("folder of the images, where it is another than the search's.")
    ] = None
    labels: Annotated[
        Path | None,
        Option("take labels from a table, CSV, Parquet or JSON lines, in place of measuring."),
    ] = None
    metric: Annotated[
        str | None, Option("column of that table; that of the study if not given.")
    ] = None
    skip_invalid: Annotated[
        bool, Option("leave out rows of tables that cannot be used, and count them.", negative="")
    ] = False
    space: Annotated[
        str | None,
        Option(
            "TOML file that declares the study's space, where it is not built in; with --measure "
            "latency the name of a space."
        ),
    ] = None
    idle: Annotated[
        float | None,
        Option(
            "seconds without anything to measure after which to end; for ever if not given.",
            least=0,
        ),
    ] = None
    heartbeat: Annotated[
        float | None,
        Option(
            "seconds between two signs of life; the study's if not given, and at most that.",
            above=0,
        ),
    ] = None
    until_eof: Annotated[
        bool,
        Option(
            "end when standard input ends, as it does with the process that holds the other end "
            "of it.",
            negative="",
        ),
    ] = False
    quiet: Annotated[bool, Option("say nothing but errors.")] = False

    def __post_init__(self) -> None:
        if not self.storage:
            raise ConfigurationError(
                f"--storage is needed, or the environment variable {STORAGE_VARIABLE}: labels.db "
                "of a run, or the URL of a database"
            )
        without_password(self.storage)
        check_options(self)
        if self.labels is None and (self.metric is not None or self.space is not None):
            raise ConfigurationError("--metric and --space belong to --labels")
        if self.labels is None and self.skip_invalid:
            raise ConfigurationError("--skip-invalid belongs to a table: give --labels")
        if self.labels is not None and (self.run is not None or self.data is not None):
            raise ConfigurationError("--run and --data do not go with --labels")

    @property
    def location(self) -> str:
        """The storage, with its password."""
        return with_password(self.storage or "")
