"""`ctnas-report`: the page of a run, or of several side by side, from what is on disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.cli.command import run_command
from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import STORAGE_VARIABLE, without_password

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces import SearchSpace

SUMMARY = """Rebuild the report of a run from what is on disk, whether it is finished or not.

With --compare several runs are laid side by side.
"""


def report_command(
    run: Path | None = None,
    /,
    *,
    compare: Annotated[tuple[Path, ...], Parameter(consume_multiple=True, negative="")] = (),
    out: Path | None = None,
    space: Path | None = None,
    storage: Annotated[str | None, Parameter(env_var=STORAGE_VARIABLE)] = None,
) -> None:
    """Write a page and print its path.

    Args:
        run: run directory; report.html is written into it.
        compare: run directories to lay side by side.
        out: the page of a comparison; comparison.html if not given.
        space: TOML file that declares the run's space, where it is not built in and has moved.
        storage: URL of the database that holds the labels, where a run keeps them there.
    """
    from ctnas.report import write_comparison, write_report

    if storage is not None:
        without_password(storage)
    if compare:
        runs = [*([] if run is None else [run]), *compare]
        print(write_comparison(runs, out or Path("comparison.html"), storage))
        return
    if run is None:
        raise ConfigurationError("a run directory is needed, or --compare with several")
    if out is not None:
        raise ConfigurationError("--out belongs to --compare; a run's report stands in the run")
    print(write_report(run, _declared(run, space), storage))


def _declared(run: Path, space: Path | None) -> SearchSpace | None:
    """Return the space that a file declares; None if the run's space is built in."""
    from ctnas.report.record import read_run
    from ctnas.run.directory import SPACE_FILE
    from ctnas.spaces import GraphSpace

    if space is None:
        kept = run / SPACE_FILE
        if kept.is_file():
            return GraphSpace.from_toml(kept)
        named = read_run(run).settings.get("space")
        if not (isinstance(named, str) and named.endswith(".toml") and Path(named).is_file()):
            return None
        space = Path(named)
    return GraphSpace.from_toml(space)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-report`."""
    sys.exit(run_command("ctnas-report", SUMMARY, report_command, arguments))
