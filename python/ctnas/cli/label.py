"""`ctnas-label`: measure what a search asks for, beside others or alone; time networks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ctnas.app.signals import Breakable, Stoppable, Terminated
from ctnas.cli.command import run_command
from ctnas.run.label_config import LabelConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = """Measure the architectures that wait in a study, and write their labels.

Any number of these may run, on any machine, and be started and killed at any time: what a killed
one was measuring is measured by another, and counted once. With the labels of ctnas-search they
measure as the search itself would, with its supernet.

With --measure latency networks are built and timed by ONNX Runtime on this device: those that a
study of latencies asks for, or, with --out, those of a table or of a random sample.
"""


def label_command(*, config: Annotated[LabelConfig | None, Parameter(name="*")] = None) -> None:
    """Work until there is nothing left to do.

    Args:
        config: the options.
    """
    config = config or LabelConfig()
    if config.is_for_table:
        _time(config)
        return
    breakable = Breakable()
    try:
        with breakable.listening():
            _label(config, breakable)
    except KeyboardInterrupt as interrupt:
        kind = Terminated if isinstance(interrupt, Terminated) else KeyboardInterrupt
        raise kind("interrupted; what was being measured waits for another worker") from None


def _label(config: LabelConfig, breakable: Breakable) -> None:
    from ctnas.app.console import TerminalProgress
    from ctnas.run.collection import measure_for
    from ctnas.workers.service import end_with_standard_input, serve

    if config.until_eof:
        end_with_standard_input()
    progress = TerminalProgress(quiet=True, silent=config.quiet)
    done = serve(config, measure_for, breakable, progress, wait_for_database=config.until_eof)
    progress.say(f"Labels written: {done}")


def _time(config: LabelConfig) -> None:
    """Write a table of latencies."""
    from ctnas.app.console import TerminalProgress
    from ctnas.run.timing import time_architectures

    stoppable = Stoppable(TerminalProgress(quiet=False, silent=config.quiet))
    try:
        with stoppable.listening():
            time_architectures(config, stoppable)
    except KeyboardInterrupt as interrupt:
        kind = Terminated if isinstance(interrupt, Terminated) else KeyboardInterrupt
        raise kind(
            f"interrupted; {config.out} keeps what was timed, and the same command goes on"
        ) from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `ctnas-label`."""
    sys.exit(run_command("ctnas-label", SUMMARY, label_command, arguments))


if __name__ == "__main__":
    main()
