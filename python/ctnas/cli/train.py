"""`ctnas-train`: one architecture, trained from scratch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command, stored_settings
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-train`."""
    completed = stored_settings(lambda training: training / "config.toml")
    sys.exit(run_command("ctnas-train", SUMMARY, train_command, arguments, completed))
