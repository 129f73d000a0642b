"""What every stage of a run works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ctnas.app.progress import Stopwatch

if TYPE_CHECKING:
    from ctnas.app.progress import Progress
    from ctnas.run.config import RunConfig
    from ctnas.run.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class RunContext:
    """A run that is going on.

    Attributes:
        config: its settings.
        directory: keeps what is finished.
        progress: shows stages and lines.
        watch: how long each stage takes.
    """

    config: RunConfig
    directory: RunDirectory
    progress: Progress
    watch: Stopwatch = field(default_factory=Stopwatch)
