"""`ctnas-search`: from images or labels to a ranking."""

from __future__ import annotations

import sys
from math import isfinite
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.run.config import RunConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.cli.console import TerminalProgress
    from ctnas.run.pipeline import Outcome

SUMMARY = """Search a space of network architectures with few labels.

Without options a supernet of the DARTS space is trained on scikit-learn's digits, 300 of its
architectures are measured, a comparator is learned from them and the space is searched with it.
The run directory then holds the comparator as ONNX files, a ranking and a report.
"""


def search_command(
    *,
    config: Annotated[RunConfig, Parameter(name="*")] = RunConfig(),  # noqa: B008
    dry_run: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Run a search and print what it found.

    Args:
        config: the options.
        dry_run: build the supernet, take two steps and one label on random images, show memory
            and an estimate of the time, and write nothing.
    """
    from ctnas.cli.console import TerminalProgress
    from ctnas.run.directory import RunDirectory

    progress = TerminalProgress(quiet=config.quiet)
    if dry_run:
        from ctnas.run.dry_run import dry_run as run_dry

        run_dry(config, progress)
        return
    directory = RunDirectory.create(config)
    progress.say(f"Run directory: {directory.path}")
    try:
        from ctnas.run.pipeline import run

        outcome = run(config, directory, progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted; {directory.path} keeps {', '.join(directory.kept())}"
        ) from None
    _print_finalists(outcome, progress)
    progress.say(
        f"Took {outcome.seconds['total']:.0f} s. Report: {outcome.directory / 'report.html'}"
    )


def _print_finalists(outcome: Outcome, progress: TerminalProgress) -> None:
    from rich.table import Table

    table = Table(title="Measured on test images that nothing else has seen")
    table.add_column("")
    for heading in (
        "win probability",
        outcome.labels.metric,
        "test accuracy",
        "MAdds",
        "parameters",
    ):
        table.add_column(heading, justify="right")
    for finalist in outcome.finalists:
        table.add_row(
            finalist.name,
            _number(finalist.win_probability, ".3f"),
            _number(finalist.label, ".4f"),
            _number(finalist.test_accuracy, ".1%"),
            _number(finalist.madds / 1e6, ",.2f", " M"),
            _number(finalist.parameters / 1e3, ",.1f", " k"),
        )
    progress.console.print(table)
    for finalist in outcome.finalists:
        progress.say(f"{finalist.name}: {finalist.architecture}")


def _number(value: float, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isfinite(value) else "-"


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-search`."""
    sys.exit(run_command("ctnas-search", SUMMARY, search_command, arguments))
