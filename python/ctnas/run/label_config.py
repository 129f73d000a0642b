"""The options of `ctnas-label`: those of a worker, and what is timed for a table."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import STORAGE_VARIABLE
from ctnas.labels.tables import check_writable_name
from ctnas.networks.latency import LatencyConfig
from ctnas.settings.option import Option, check_options
from ctnas.workers.config import WorkerConfig

LATENCY_COLUMN = "latency_ms"
"""What the column of latencies is called unless said otherwise."""
_TIMED = Group("Latencies for a table", sort_key=1)
_OF_TABLES = ("architectures", "queries", "out", "dataset", "input")
_INPUT = re.compile(r"(\d+)x(\d+)x(\d+)")


@dataclass(frozen=True, slots=True)
class LabelConfig(WorkerConfig):
    """What is measured: what waits in a study, or latencies for a table."""

    measure: Annotated[
        Literal["labels", "latency"],
        Option(
            "labels, as the study asks for them, or the latency of networks on this device: for a "
            "study of latencies, or for a table with --out."
        ),
    ] = "labels"
    architectures: Annotated[
        tuple[str, ...],
        Option(
            "tables of architectures to time: CSV, Parquet or JSON lines; their other columns are "
            "kept.",
            group=_TIMED,
            consume_multiple=True,
            negative=(),
        ),
    ] = ()
    queries: Annotated[
        int | None,
        Option("or how many to draw at random from the space.", group=_TIMED, least=1),
    ] = None
    seed: Annotated[int, Option("of those.", group=_TIMED, least=0)] = 0
    out: Annotated[
        Path | None,
        Option(
            "CSV or Parquet file for the latencies; what it holds already is not timed again. "
            "--metric names the column, latency_ms if not given.",
            group=_TIMED,
        ),
    ] = None
    dataset: Annotated[
        str | None,
        Option(
            "images that the networks are for, by name or path; the run's, or digits.",
            group=_TIMED,
        ),
    ] = None
    input: Annotated[
        str | None,
        Option("size of an image in their place: CHANNELSxHEIGHTxWIDTH.", group=_TIMED),
    ] = None
    classes: Annotated[int, Option("number of classes, with --input.", group=_TIMED, least=2)] = 10
    latency: Annotated[LatencyConfig, Option("how latencies are measured.")] = field(
        default_factory=LatencyConfig
    )

    def __post_init__(self) -> None:
        if not self.is_for_table:
            self._check_joins()
            return
        check_options(self)
        self._check_table()

    @property
    def is_for_table(self) -> bool:
        """Whether latencies are measured for a table, and not for a study."""
        given = any(getattr(self, name) not in (None, ()) for name in _OF_TABLES)
        return self.measure == "latency" and (given or not self.storage)

    @property
    def column(self) -> str:
        """Name of the column of latencies."""
        return self.metric or LATENCY_COLUMN

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """Channels, height and width of an image, where they are given."""
        if self.input is None:
            return None
        channels, height, width = map(int, self.input.lower().split("x"))
        return channels, height, width

    def _check_joins(self) -> None:
        """Refuse what does not go with a study."""
        for name in _OF_TABLES:
            if getattr(self, name) not in (None, ()):
                raise ConfigurationError(f"--{name} belongs to --measure latency")
        if self.measure == "latency" and self.labels is not None:
            raise ConfigurationError("--labels holds labels, which --measure latency takes here")
        WorkerConfig.__post_init__(self)

    def _check_table(self) -> None:
        """Refuse what does not go with a table."""
        if self.out is None:
            raise ConfigurationError(
                "--measure latency needs --out, a CSV or Parquet file for the latencies; or "
                "--storage and --study, to answer a study of latencies"
            )
        check_writable_name(self.out)
        if self.storage and self.storage != os.environ.get(STORAGE_VARIABLE):
            raise ConfigurationError("--storage is for a study and --out for a table: give one")
        if self.labels is not None:
            raise ConfigurationError(
                "--labels holds labels; architectures to time are --architectures"
            )
        if bool(self.architectures) == (self.queries is not None):
            raise ConfigurationError("give either --architectures or --queries")
        if self.skip_invalid and not self.architectures:
            raise ConfigurationError("--skip-invalid belongs to --architectures")
        if self.input is not None:
            self._check_input(self.input)

    def _check_input(self, size: str) -> None:
        found = _INPUT.fullmatch(size.lower())
        if found is None or found[2] != found[3]:
            raise ConfigurationError(
                "--input is CHANNELSxHEIGHTxWIDTH of square images, such as 3x224x224, "
                f"not {size!r}"
            )
        if self.dataset is not None or self.data is not None:
            raise ConfigurationError("--input stands in place of --dataset and --data")
