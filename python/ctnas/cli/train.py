"""`ctnas-train`: one architecture, trained from scratch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.errors import ConfigurationError
from ctnas.retraining.config import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = """Train one architecture from scratch, as appendix D of the paper does.

An architecture is written as in ranking.csv, or as a DARTS Genotype(...); both forms are printed.
"""


def train_command(
    architecture: str | None = None,
    *,
    resume: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    config: Annotated[TrainConfig, Parameter(name="*")] = TrainConfig(),  # noqa: B008
) -> None:
    """Train an architecture and print its accuracy.

    Args:
        architecture: the text of the architecture.
        resume: directory of an interrupted training; it goes on from the last finished epoch, to
            the same result as without interruption. Its settings are read from it.
        dry_run: build everything, take two steps on random images, show memory and an estimate of
            the time, and write nothing.
        config: the options.
    """
    from ctnas.app.console import TerminalProgress
    from ctnas.retraining.architecture import describe, read_architecture

    if architecture is None:
        raise ConfigurationError("an architecture is needed, or --resume with its directory")
    batch = read_architecture(architecture, config.space)
    from ctnas.retraining import job
    from ctnas.training.processes import is_first_process

    progress = TerminalProgress(quiet=config.quiet, silent=not is_first_process())
    for line in describe(batch):
        progress.say(line)
    if dry_run:
        job.dry_run(batch, config, progress)
        return
    try:
        score = job.train(batch, config, progress, resume)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("interrupted; --resume goes on from the last epoch") from None
    top5 = f", top-5 {score.top5:.2%}" if score.top5 == score.top5 else ""
    progress.say(f"Accuracy after the last epoch: {score.accuracy:.2%}{top5}")


def with_saved_settings(tokens: Sequence[str]) -> list[str]:
    """Return a command line that reads the settings of the directory behind `--resume` first."""
    extended = list(tokens)
    for place, token in enumerate(tokens):
        name, separator, value = token.partition("=")
        if name != "--resume" or "--config" in tokens:
            continue
        folder = value if separator else "".join(tokens[place + 1 : place + 2])
        if folder:
            extended += ["--config", str(Path(folder) / "config.toml")]
    return extended


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-train`."""
    tokens = with_saved_settings(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run_command("ctnas-train", SUMMARY, train_command, tokens))
