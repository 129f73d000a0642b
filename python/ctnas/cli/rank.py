"""`ctnas-rank`: order a file of architectures with an exported comparator."""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.ranking import RankedRows
    from ctnas.spaces import SearchSpace

SUMMARY = """Rank architectures with an exported comparator.

Every architecture is compared with all the others; the ones that win most stand first.
"""


@dataclass(frozen=True, slots=True)
class RankConfig:
    """What is ranked, and how.

    Attributes:
        architectures: CSV, Parquet or JSON lines table with a column `architecture`.
        top: how many to show.
        out: CSV or Parquet file for the ranking; standard output if not given.
        space: TOML file that declares the comparator's space, where it is not built in.
        provider: where ONNX Runtime scores; auto takes CUDA where it works.
        threads: CPU threads; one for each core if not given.
    """

    architectures: Path
    top: int = 10
    out: Path | None = None
    space: Path | None = None
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.top < 1:
            raise ConfigurationError(f"top must be at least 1, not {self.top}")
        if self.threads is not None and self.threads < 1:
            raise ConfigurationError(f"threads must be at least 1, not {self.threads}")


def rank_command(
    comparator: Path, /, *, config: Annotated[RankConfig, Parameter(name="*")]
) -> None:
    """Rank a file.

    Args:
        comparator: the directory of an exported comparator, or its ranker.onnx.
        config: the options.
    """
    from ctnas.comparator.runtime import Comparator
    from ctnas.labels.reading import iterate_architectures
    from ctnas.ranking import CandidatePool

    loaded = Comparator.load(comparator, config.provider, config.threads, _declared(config.space))
    pool = CandidatePool(loaded)
    for chunk in iterate_architectures(config.architectures, loaded.space):
        pool.add(chunk)
    ranked = pool.best(config.top)
    if config.out is None:
        _print(ranked)
    else:
        _write(config.out, ranked)


def _declared(path: Path | None) -> SearchSpace | None:
    from ctnas.spaces import GraphSpace

    return None if path is None else GraphSpace.from_toml(path)


def _print(ranked: RankedRows) -> None:
    """Write a CSV table to standard output; a reader that has seen enough ends it.

    Raises:
        OutputError: if it cannot be written.
    """
    columns = (ranked.rows, ranked.win_probability, ranked.architectures)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    try:
        writer.writerow(["rank", "row", "win_probability", "architecture"])
        for rank, (row, won, text) in enumerate(zip(*columns, strict=True), start=1):
            writer.writerow([rank, row, f"{won:.6f}", text])
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would fail again when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"cannot write standard output: {error.strerror}") from None


def _write(path: Path, ranked: RankedRows) -> None:
    from ctnas.labels.tables import write_table

    columns = {
        "rank": range(1, len(ranked.rows) + 1),
        "row": ranked.rows,
        "win_probability": ranked.win_probability,
        "architecture": ranked.architectures,
    }
    write_table(path, columns)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-rank`."""
    sys.exit(run_command("ctnas-rank", SUMMARY, rank_command, arguments))
