"""Who measures the architectures of a run, and where.

Annotations are evaluated here, so that dataclasses of other modules can inherit the options.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from ctnas.errors import ConfigurationError
from ctnas.labels.options import LabelOptions
from ctnas.labels.passwords import without_password
from ctnas.labels.queue import HEARTBEAT_SECONDS
from ctnas.settings.headings import WHERE
from ctnas.settings.option import Option


@dataclass(frozen=True, slots=True)
class MeasuringOptions(LabelOptions):
    """What is labeled, and by whom."""

    workers: Annotated[
        int | None,
        Option(
            "number of processes that measure architectures, started here or on a Ray cluster; "
            "0 leaves it to ctnas-label, wherever it is started. Without it the search measures "
            "them itself, one after another.",
            group=WHERE,
            least=0,
            resumed="free",
        ),
    ] = None
    heartbeat: Annotated[
        int,
        Option(
            "seconds between two signs of life of a worker; after three without any, what it "
            "was to measure goes to another.",
            group=WHERE,
            least=1,
            resumed="free",
        ),
    ] = HEARTBEAT_SECONDS
    engine: Annotated[
        Literal["local", "ray"],
        Option(
            "where workers run: on this machine, or as tasks of a Ray cluster that can read the "
            "run directory and the images (pip install 'ctnas[ray]').",
            group=WHERE,
            resumed="free",
        ),
    ] = "local"
    address: Annotated[
        str | None,
        Option(
            "of the Ray cluster, such as auto or ray://host:10001; without it one is started on "
            "this machine.",
            group=WHERE,
            resumed="free",
        ),
    ] = None
    gpus_per_task: Annotated[
        float,
        Option("GPUs of each Ray task; parts are allowed.", group=WHERE, least=0, resumed="free"),
    ] = 0.0

    def __post_init__(self) -> None:
        LabelOptions.__post_init__(self)
        self._check_workers()

    @property
    def queues(self) -> bool:
        """Whether architectures are measured by workers, and not by the search itself."""
        return self.workers is not None or self.engine == "ray"

    def _check_workers(self) -> None:
        """Refuse options on workers that do not go together."""
        if self.queues and self.labels is not None:
            raise ConfigurationError(
                "--workers and --engine ray measure architectures, which --labels has measured "
                "already"
            )
        if self.study is not None and self.storage is None:
            raise ConfigurationError("--study belongs to --storage: labels.db holds one study only")
        if self.storage is not None:
            without_password(self.storage)
        if self.engine == "local":
            for name in ("address", "gpus_per_task"):
                if getattr(self, name):
                    raise ConfigurationError(f"--{name.replace('_', '-')} belongs to --engine ray")
        elif self.workers == 0:
            raise ConfigurationError("workers must be at least 1 with --engine ray, not 0")
        gpus = self.gpus_per_task
        if gpus > 1 and gpus != int(gpus):
            raise ConfigurationError(
                f"gpus_per_task must be a whole number, or a part of one GPU, not {gpus}"
            )
