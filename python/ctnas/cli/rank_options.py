"""The options of `ctnas-rank`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option, check_options
from ctnas.settings.quantity import Quantity

FileNames = Annotated[
    tuple[str, ...], Parameter(consume_multiple=True, negative=(), show_default=False)
]


@dataclass(frozen=True, slots=True)
class RankConfig:
    """What is ranked, and how."""

    architectures: Annotated[
        FileNames,
        Option(
            "tables with a column `architecture`: CSV, Parquet or JSON lines, globs, or `-` for "
            "standard input. A Parquet file may have decisions in place of texts."
        ),
    ] = ()
    all: Annotated[
        bool,
        Option(
            "rank every architecture of the comparator's space.", negative=(), show_default=False
        ),
    ] = False
    against: Annotated[
        FileNames,
        Option("tables of opponents; without them every architecture meets all the others."),
    ] = ()
    top: Annotated[int, Option("how many to show.", least=1)] = 10
    out: Annotated[
        Path | None, Option("CSV or Parquet file for the ranking; standard output if not given.")
    ] = None
    scores: Annotated[
        Path | None,
        Option("Parquet file for the win probabilities of all architectures, in their order."),
    ] = None
    values: Annotated[
        bool,
        Option(
            "add what is predicted in the unit of the labels, and an interval that holds 80 % of "
            "measurements.",
            negative=(),
            show_default=False,
        ),
    ] = False
    max_madds: Annotated[
        Quantity | None, Option("leave out architectures with more multiply-adds.", least=0)
    ] = None
    max_params: Annotated[
        Quantity | None, Option("leave out architectures with more parameters.", least=0)
    ] = None
    skip_invalid: Annotated[
        bool,
        Option(
            "list rows that cannot be used in `<out>.invalid.csv` and go on; without it the "
            "first one is an error.",
            negative=(),
            show_default=False,
        ),
    ] = False
    space: Annotated[
        Path | None,
        Option("TOML file that declares the comparator's space, where the comparator does not."),
    ] = None
    provider: Annotated[
        Literal["auto", "cpu", "cuda"],
        Option("where ONNX Runtime scores; auto takes CUDA where it works."),
    ] = "auto"
    threads: Annotated[
        int | None,
        Option("CPU threads; one for each core if not given, and one an actor with Ray.", least=1),
    ] = None
    engine: Annotated[
        Literal["local", "ray"],
        Option(
            "where candidates are read and encoded: on this machine, or on a Ray cluster, one "
            "file after the other on each of its actors (pip install 'ctnas[ray]')."
        ),
    ] = "local"
    address: Annotated[
        str | None,
        Option(
            "of the Ray cluster, such as auto or ray://host:10001; without it one is started on "
            "this machine."
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)
        if bool(self.architectures) == self.all:
            raise ConfigurationError("give either --architectures or --all")
        if self.skip_invalid and self.side_file is None:
            raise ConfigurationError("--skip-invalid needs --out or --scores, to name its list by")
        self._check_ray()
        self._check_outputs()

    def _check_ray(self) -> None:
        """Refuse what does not go with a cluster."""
        if self.engine == "local":
            if self.address is not None:
                raise ConfigurationError("--address belongs to --engine ray")
        elif self.all:
            raise ConfigurationError(
                "--all enumerates the space on one machine and does not go with --engine ray: "
                "give files"
            )
        else:
            from ctnas.workers.cluster import check_ray

            check_ray()

    def _check_outputs(self) -> None:
        """Refuse names of output before any work."""
        from ctnas.labels.tables import check_writable_name

        if self.out is not None:
            check_writable_name(self.out)
        if self.scores is not None:
            check_writable_name(self.scores, {".parquet"})
        if self.out is not None and self.out == self.scores:
            raise ConfigurationError(f"--out and --scores are the same file: {str(self.out)!r}")

    @property
    def side_file(self) -> Path | None:
        """Where invalid rows are listed."""
        named = self.out or self.scores
        return None if named is None else named.with_name(f"{named.name}.invalid.csv")
