"""`ctnas-search`: from images or labels to a ranking."""

from __future__ import annotations

import sys
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

from cyclopts import Parameter

from ctnas.app.signals import Stoppable, Terminated
from ctnas.cli.command import run_command, stored_settings, with_value
from ctnas.comparator.presets import PresetName
from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig, preset_options
from ctnas.settings.presets import preset_layer
from ctnas.settings.resuming import check_resumable
from ctnas.settings.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from ctnas.app.console import TerminalProgress
    from ctnas.labels import LabelSet
    from ctnas.run.directory import RunDirectory
    from ctnas.run.results import Outcome

SUMMARY = """Search a space of network architectures with few labels.

Without options a supernet of the DARTS space is trained on scikit-learn's digits, 300 of its
architectures are measured, a comparator is learned from them and the space is searched with it.
The run directory then holds the comparator as ONNX files, a ranking and a report.
"""
UNKNOWN = "-"
PAPER_EPOCHS = "600"
"""Of a training from scratch (appendix D)."""

_PRESETS = preset_layer(get_args(PresetName), preset_options)


def search_command(
    *,
    config: Annotated[RunConfig, Parameter(name="*")] = RunConfig(),  # noqa: B008
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    resume: Path | None = None,
) -> None:
    """Run a search and print what it found.

    Args:
        config: the options.
        dry_run: build the supernet, take two steps and one label on random images, show memory
            and an estimate of the time, and write nothing.
        resume: run directory to go on with, from wherever it was left, to the same result; its
            settings hold, and queries and iterations are totals that may be raised.
    """
    from ctnas.app.console import TerminalProgress
    from ctnas.app.lock import locked
    from ctnas.training.processes import is_first_process

    first = is_first_process()
    progress = TerminalProgress(quiet=config.quiet, silent=not first)
    if dry_run:
        from ctnas.run.label_sources import dry_run as run_dry

        run_dry(config, progress)
        return
    if not first:
        from ctnas.run.label_sources import share_training

        share_training(config, progress)
        return
    from ctnas.app.directory import check_vacant
    from ctnas.run.directory import RunDirectory
    from ctnas.run.inputs import read_label_table, with_kept_table

    if resume is None and config.out is not None:
        check_vacant(config.out)
    if resume is not None:
        config = with_kept_table(config, RunDirectory.existing(resume))
    config, table = read_label_table(config, progress.say)
    config, directory = _directory(config, resume)
    with locked(directory.path):
        outcome = _run(config, directory, progress, table)
    _print_finalists(outcome, progress)
    progress.say(
        f"Took {outcome.seconds['total']:.0f} s. Report: {outcome.directory / 'report.html'}"
    )


def _directory(config: RunConfig, resume: Path | None) -> tuple[RunConfig, RunDirectory]:
    """Return the settings and the directory of a new run, or of one that may go on with them."""
    from ctnas.run.directory import RunDirectory
    from ctnas.run.inputs import with_moved_images

    if resume is None:
        return config, RunDirectory.create(config)
    if config.out is not None:
        raise ConfigurationError(f"--out {str(config.out)!r} cannot be given with --resume")
    directory = RunDirectory.existing(resume)
    before = read_toml(directory.config, RunConfig)
    if None not in (before.labels, config.labels):
        # A table may lie elsewhere now: its contents count, and were compared.
        before = replace(before, labels=config.labels)
    # So may images; they are compared once they are read.
    config = with_moved_images(config, before)
    check_resumable(before.without_password(), config.without_password())
    return config, directory


def _run(
    config: RunConfig,
    directory: RunDirectory,
    progress: TerminalProgress,
    table: LabelSet | None,
) -> Outcome:
    progress.say(f"Run directory: {directory.path}")
    stoppable = Stoppable(progress)
    try:
        with stoppable.listening():
            from ctnas.run.pipeline import run

            return run(config, directory, stoppable, table)
    except KeyboardInterrupt as interrupt:
        kind = Terminated if isinstance(interrupt, Terminated) else KeyboardInterrupt
        raise kind(
            f"interrupted; {directory.path} keeps {', '.join(directory.kept())}; "
            f"go on with --resume {directory.path}"
        ) from None


def _stored(run: Path) -> Path:
    """Return the settings of a run."""
    from ctnas.run.directory import RunDirectory

    return RunDirectory.existing(run).config


def _print_finalists(outcome: Outcome, progress: TerminalProgress) -> None:
    progress.console.print(finalists_table(outcome, progress.console.width))
    for finalist in outcome.finalists:
        progress.say(f"{finalist.name}: {finalist.architecture}")


def finalists_table(outcome: Outcome, width: int) -> Table:
    """Return the table of what a run ends with.

    Args:
        outcome: the run's.
        width: of the terminal; 80 are enough, with headings of several lines.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    found = outcome.finalists
    arrow = " (lower is better)" if outcome.labels.minimize else ""
    metric = outcome.labels.metric.replace("_", " ")
    measures = {
        "win probability": [_number(each.win_probability, ".3f") for each in found],
        f"{metric}{arrow}": [_number(each.label, ".4f") for each in found],
        "test accuracy": [_tested(each.test_accuracy, each.test_error) for each in found],
        "test top-5": [_number(each.test_top5, ".1%") for each in found],
        "trainings": [str(each.trainings) if each.trainings else UNKNOWN for each in found],
        "trained, validation": [_number(100 * each.trained, ".1f", "%") for each in found],
        "trained, test": [_tested(each.trained_test, each.trained_test_error) for each in found],
        "MAdds": [_number(each.madds / 1e6, ",.2f", " M") for each in found],
        "parameters": [_number(each.parameters / 1e3, ",.1f", " k") for each in found],
    }
    if any(each.trainings for each in found):
        # What was trained was chosen by that, and seven columns are as many as a terminal shows.
        del measures["win probability"], measures["test top-5"]
    known = {heading: texts for heading, texts in measures.items() if set(texts) != {UNKNOWN}}
    measured = "test accuracy" in known
    title = "Measured on test images that nothing else has seen" if measured else "Found"
    names = [each.name for each in found]
    columns = {"": names, **known}
    needed = sum(max(map(len, (heading, *texts))) for heading, texts in columns.items())
    tight = needed + 2 * len(columns) > width
    # Without lines between columns there is room for seven of them in 80.
    table = Table(title=title, box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for heading in columns:
        table.add_column(
            heading.replace(" ", "\n") if tight else heading,
            justify="right" if heading else "left",
            # Only the user's own word for the metric may be too long for any terminal.
            no_wrap=not heading.startswith(metric),
            overflow="fold",
        )
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _tested(share: float, error: float) -> str:
    """Return the accuracy on test images with its standard error: `94.6±1.1%`."""
    return _number(100 * share, ".1f", f"±{100 * error:.1f}%" if isfinite(error) else "%")


def _number(value: float, form: str, unit: str = "") -> str:
    return f"{value:{form}}{unit}" if isfinite(value) else UNKNOWN


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-search`."""
    tokens = with_value(sys.argv[1:] if arguments is None else arguments, "--retrain", PAPER_EPOCHS)
    command = search_command, tokens, stored_settings(_stored), (_PRESETS,)
    sys.exit(run_command("ctnas-search", SUMMARY, *command))
