"""`ctnas-export`: write what was found as files, check them, lay a comparator out for a server."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command, with_value
from ctnas.errors import ConfigurationError
from ctnas.networks.latency import LatencyConfig
from ctnas.settings.option import Option, check_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctnas.deployment import Finding
    from ctnas.spaces import SearchSpace

SUMMARY = """Bring what was found into other programs: the network, and the comparator.

With --network a found architecture is written with its weights: network.onnx, network.pt2,
network.safetensors, and a model card. With --triton a comparator is laid out for a server. With
--check the files of a network, or of a comparator, are checked.
"""
EXIT_FAILED_CHECK = 1


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """What is done with a network or a comparator, and how."""

    network: Annotated[
        str | None,
        Option(
            "the architecture to write, of a run of ctnas-search or ctnas-train: its rank among "
            "the found ones (1, the best, if nothing follows), or its text."
        ),
    ] = None
    out: Annotated[Path | None, Option("directory that the files of a network are written to.")] = (
        None
    )
    check: Annotated[
        Path | None,
        Option(
            "directory to check. Of a network: that its files compute what was measured, on a few "
            "stored images, or on all test images where its run is given as well. Of a comparator, "
            "or of a run: metadata, opset, weights, and that both graphs agree on random "
            "architectures."
        ),
    ] = None
    architectures: Annotated[
        int, Option("how many random pairs the graphs are compared on.", least=1)
    ] = 1000
    seed: Annotated[int, Option("of those architectures.", least=0)] = 0
    space: Annotated[
        Path | None,
        Option("TOML file that declares the comparator's space, where the comparator does not."),
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
    latency: Annotated[
        LatencyConfig, Option("how the latency of a written network is measured.")
    ] = field(default_factory=LatencyConfig)

    def __post_init__(self) -> None:
        check_options(self)


def export_command(
    source: Path | None = None,
    /,
    *,
    config: Annotated[ExportConfig | None, Parameter(name="*")] = None,
) -> None:
    """Write a network, check one or a comparator, or write a model repository.

    Args:
        source: the directory of a run or a training, for --network; of an exported comparator or
            of a run, for --triton.
        config: the options.
    """
    config = config or ExportConfig()
    given = [each for each in (config.network, config.check, config.triton) if each is not None]
    if len(given) != 1:
        raise ConfigurationError("give either --network, --check or --triton")
    if (config.network is None) != (config.out is None):
        raise ConfigurationError("--network and --out belong together")
    if config.check is not None:
        _check(config.check, source, config)
    elif source is None:
        option, needed = ("triton", "comparator") if config.network is None else ("network", "run")
        raise ConfigurationError(f"--{option} needs the directory of a {needed} as well")
    elif config.triton is not None:
        _write_repository(source, config.triton, config)
    elif config.network is not None and config.out is not None:
        _write_network(source, config.network, config.out, config.latency)


def _write_network(source: Path, which: str, out: Path, latency: LatencyConfig) -> None:
    from ctnas.app.atomic import replacing_directory
    from ctnas.app.console import TerminalProgress
    from ctnas.networks.export import write_network
    from ctnas.run.found import found_network

    progress = TerminalProgress(quiet=True)
    command = shlex.join(["ctnas-export", str(source), "--network", which, "--out", str(out)])
    with replacing_directory(out) as folder:
        found = found_network(source, which, progress)
        progress.say(f"{found.space}: {found.architecture}")
        write_network(found, folder, latency=latency, command=command, say=progress.say)
    for path in sorted(out.iterdir()):
        progress.say(str(path))


def _check(directory: Path, source: Path | None, config: ExportConfig) -> None:
    """Print a line for each check; end with code 1 where one fails."""
    for finding in _findings(directory, source, config):
        print(finding, flush=True)
        if not finding.passed:
            sys.exit(EXIT_FAILED_CHECK)


def _findings(directory: Path, source: Path | None, config: ExportConfig) -> Iterator[Finding]:
    from ctnas.networks.files import DESCRIPTION

    if (directory / DESCRIPTION).exists():
        from ctnas.networks.check import check_network
        from ctnas.networks.loading import read_description
        from ctnas.run.found import found_network

        found = None
        if source is not None:
            found = found_network(source, read_description(directory)["architecture"])
        return check_network(directory, found)
    if source is not None:
        raise ConfigurationError(
            f"--check takes a run beside it for a network only, and {str(directory)!r} holds none"
        )
    from ctnas.deployment import check_comparator

    return check_comparator(directory, _declared(config.space), config.architectures, config.seed)


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
    tokens = with_value(sys.argv[1:] if arguments is None else arguments, "--network", "1")
    sys.exit(run_command("ctnas-export", SUMMARY, export_command, tokens))
