"""The run directory: what stands in it, and how it is written."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.app.confinement import check_confined
from ctnas.app.directory import fresh_path, make_vacant
from ctnas.app.json_file import write_text
from ctnas.errors import CtnasError, InputFileError, OutputError
from ctnas.settings.toml import to_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnas.run.config import RunConfig

SPACE_FILE = "space.toml"
"""Declares the space of a run whose decisions are columns of a table."""

_TEMPORARY = re.compile(r"\.[0-9a-f]{8}-")
"""How names begin under which files are written before they are complete."""


class RunDirectory:
    """Names of the files of a run. Everything in it appears whole or not at all.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.space = path / SPACE_FILE
        self.labels = path / "labels.db"
        self.checkpoint = path / "checkpoint"
        self.history = path / "history.parquet"
        self.predictions = path / "predictions.parquet"
        self.ranking = path / "ranking.csv"
        self.pareto = path / "pareto.csv"
        self.measured = path / "objectives.csv"
        self.objectives = path / "objectives"
        self.summary = path / "summary.json"
        self.report = path / "report.html"
        self.network = path / "network"
        self.trainings = path / "trainings"
        self.trained = path / "trainings.csv"
        self.supernet_training = self.checkpoint / "training.pt"
        self.supernet = self.checkpoint / "supernet.safetensors"
        self.comparator = self.checkpoint / "comparator.safetensors"
        self.search = self.checkpoint / "search.safetensors"
        self.latencies = self.checkpoint / "latencies.json"
        self.latency_labels = self.checkpoint / "latencies.db"
        self.totals = self.checkpoint / "queries.json"
        self.rounds = self.checkpoint / "rounds.json"
        self.training_rounds = self.checkpoint / "training_rounds.json"
        self.ledger = self.checkpoint / "ledger.json"
        self.table_note = self.checkpoint / "table.json"
        self.image_note = self.checkpoint / "images.json"

    @classmethod
    def create(cls, config: RunConfig) -> RunDirectory:
        """Make the directory of a run.

        Raises:
            OutputError: if it exists and is not empty, or cannot be written.
        """
        path = config.out or fresh_path(Path("runs"), Path(config.space).stem)
        make_vacant(path)
        return cls(path)

    @classmethod
    def existing(cls, path: Path) -> RunDirectory:
        """Return the directory of a run that was begun.

        Raises:
            InputFileError: if there is none, or something in it leads out of it.
        """
        directory = cls(path)
        if not directory.config.is_file():
            raise InputFileError(f"{str(path)!r} holds no run to go on with: no config.toml")
        check_confined(path)
        return directory

    def prepare(self, config: RunConfig) -> None:
        """Write the settings, and remove what a killed process left half written.

        Raises:
            OutputError: if the directory cannot be written.
        """
        # First, because a directory with settings can be resumed, and others are refused.
        write_text(self.config, to_toml(config.without_password()))
        try:
            self.checkpoint.mkdir(exist_ok=True)
            for folder in (self.path, self.checkpoint):
                for entry in folder.iterdir():
                    if _TEMPORARY.match(entry.name) and entry.is_file():
                        entry.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {str(self.path)!r}: {error.strerror}") from None

    @contextmanager
    def started(self, config: RunConfig) -> Iterator[None]:
        """Prepare the directory; if the start is refused, nothing of it is left.

        One that could not write keeps its settings: it goes on once there is room.

        Raises:
            OutputError: if the directory cannot be written.
        """
        fresh = not self.config.exists()
        self.prepare(config)
        try:
            yield
        except CtnasError as error:
            if fresh and not isinstance(error, OutputError):
                self._withdraw()
            raise

    def _withdraw(self) -> None:
        """Remove the settings and notes of a run that has done nothing."""
        notes = {self.config, self.totals, self.ledger, self.image_note}
        found = {path for folder in (self.path, self.checkpoint) for path in folder.glob("[!.]*")}
        if found <= {*notes, self.checkpoint}:
            for path in notes:
                path.unlink(missing_ok=True)
            with suppress(OSError):
                self.checkpoint.rmdir()

    def kept(self) -> list[str]:
        """Return the names of what is there, for people."""
        return sorted(entry.name for entry in self.path.iterdir() if entry.name[0] != ".")
