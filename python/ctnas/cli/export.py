"""`ctnas-export`: check an exported comparator, or lay it out for a server."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.app.command import run_command
from ctnas.errors import ConfigurationError
from ctnas.settings.option import Option, check_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces import SearchSpace

SUMMARY = """Bring an exported comparator into other programs.

With --check its two files are checked; with --triton a model repository is written.
"""
EXIT_FAILED_CHECK = 1


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """What is done with a comparator, and how."""

    check: Annotated[
        Path | None,
        Option(
            "directory of an exported comparator, or of a run, to check: metadata, opset, "
            "weights, and that both graphs agree on random architectures."
        ),
    ] = None
    architectures: Annotated[
        int, Option("how many random pairs the graphs are compared on.", least=1)
    ] = 1000
    seed: Annotated[int, Option("of those architectures.", least=0)] = 0
    space: Annotated[
        Path | None,
        Option("TOML file that declares the comparator's space, where it is not built in."),
    ] = None
    triton: Annotated[
        Path | None, Option("directory to write as a model repository for NVIDIA Triton.")
    ] = None
    name: Annotated[str, Option("what the names of the served models begin with.")] = "ctnas"
    max_batch_size: Annotated[
        int, Option("most architectures, or pairs, of one run of a served model.", least=1)
    ] = 4096
    queue_delay: Annotated[
        int, Option("microseconds that a request may wait for others to be batched with.", least=0)
    ] = 100
    instances: Annotated[int, Option("copies of each served model on every device.", least=1)] = 1

    def __post_init__(self) -> None:
        check_options(self)


def export_command(
    comparator: Path | None = None,
    /,
    *,
    config: Annotated[ExportConfig | None, Parameter(name="*")] = None,
) -> None:
    """Check a comparator, or write a model repository.

    Args:
        comparator: the directory of an exported comparator, or of a run; for --triton.
        config: the options.
    """
    config = config or ExportConfig()
    if (config.check is None) == (config.triton is None):
        raise ConfigurationError("give either --check or --triton, with a directory")
    if config.check is not None:
        if comparator is not None:
            raise ConfigurationError("--check itself takes the directory of the comparator")
        _check(config.check, config)
    elif config.triton is not None:
        if comparator is None:
            raise ConfigurationError("--triton needs the directory of a comparator as well")
        _write_repository(comparator, config.triton, config)


def _check(directory: Path, config: ExportConfig) -> None:
    """Print a line for each check; end with code 1 where one fails."""
    from ctnas.deployment import check_comparator

    declared = _declared(config.space)
    for finding in check_comparator(directory, declared, config.architectures, config.seed):
        print(finding, flush=True)
        if not finding.passed:
            sys.exit(EXIT_FAILED_CHECK)


def _write_repository(comparator: Path, repository: Path, config: ExportConfig) -> None:
    from ctnas.deployment import TritonOptions, write_triton_repository

    options = TritonOptions(
        config.name, config.max_batch_size, config.queue_delay, config.instances
    )
    for name in write_triton_repository(comparator, repository, options):
        print(repository / name)


def _declared(path: Path | None) -> SearchSpace | None:
    from ctnas.spaces import GraphSpace

    return None if path is None else GraphSpace.from_toml(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-export`."""
    sys.exit(run_command("ctnas-export", SUMMARY, export_command, arguments))
