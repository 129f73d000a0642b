"""`ctnas-reproduce`: the paper's tables, measured anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.benchmarks.paper.config import ReproduceConfig, Target
from ctnas.cli.command import run_command
from ctnas.errors import CtnasError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.app.console import TerminalProgress
    from ctnas.benchmarks.paper.experiment import Experiment
    from ctnas.benchmarks.paper.runs import RunLog

SUMMARY = """Measure a table or figure of the paper anew and print both.

Every finished run is kept: the same command goes on where it was interrupted.
"""


def reproduce_command(
    target: Target,
    /,
    *,
    config: Annotated[
        ReproduceConfig, Parameter(name="*", consume_multiple=True, negative="")
    ] = ReproduceConfig(),  # noqa: B008
) -> None:
    """Measure one experiment.

    Args:
        target: which table or figure.
        config: the options.
    """
    from ctnas.app.console import TerminalProgress
    from ctnas.benchmarks.paper.runs import RUNS_FILE, RunLog, carry_out
    from ctnas.benchmarks.paper.targets import load_experiment

    console = TerminalProgress(quiet=True)
    experiment = load_experiment(target, config)
    out = config.out or Path("reproduce") / experiment.name
    log = RunLog(out / RUNS_FILE)
    try:
        failures = carry_out(experiment, log, console.say)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted; {out / RUNS_FILE} keeps finished runs") from None
    _report(experiment, log, out, console)
    if failures:
        job, reason = failures[0]
        raise CtnasError(
            f"{len(failures)} of {len(experiment.jobs)} runs failed; the first: {job.line.name}, "
            f"seed {job.seed}: {reason}"
        )


def _report(experiment: Experiment, log: RunLog, out: Path, console: TerminalProgress) -> None:
    from rich import box
    from rich.table import Table

    from ctnas.benchmarks.paper.plot import write_plot
    from ctnas.benchmarks.paper.summary import HEADINGS, summarize, table_rows, write_csv

    summaries = summarize(experiment, log)
    table = Table(title=experiment.title, box=box.SIMPLE, padding=0)
    for position, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if position else "left", no_wrap=True)
    for row in table_rows(summaries):
        table.add_row(*row)
    console.console.print(table)
    console.say(f"Differs from the paper: {experiment.difference}.")
    write_csv(out / f"{experiment.name}.csv", summaries)
    write_plot(out / f"{experiment.name}.svg", experiment, summaries)
    console.say(f"Wrote {out}: {experiment.name}.csv, {experiment.name}.svg, runs.jsonl")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-reproduce`."""
    sys.exit(run_command("ctnas-reproduce", SUMMARY, reproduce_command, arguments))
