"""Workers as tasks of a Ray cluster."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ctnas.app.progress import SilentProgress
from ctnas.app.signals import Breakable
from ctnas.errors import ConfigurationError, CtnasError, TrainingError, first_line
from ctnas.labels.storage import is_url
from ctnas.workers.cluster import ray_cluster
from ctnas.workers.config import WorkerConfig
from ctnas.workers.service import serve

if TYPE_CHECKING:
    from types import TracebackType

    from ctnas.workers.service import MeasureFor

_RESTARTS = 5
"""How often Ray starts a task again whose process or machine has died."""

_SECONDS_TO_END = 30.0


class RayTeam:
    """Tasks that answer queries until they are cancelled; each takes one CPU core.

    Args:
        location: the ledger; every machine must be able to read it, the run directory and the
            images.
        study: its name.
        measure_for: finds out how a task measures.
        count: number of tasks; as many as the cluster has room for if None.
        gpus: GPUs of each.
        address: of the cluster; one is started on this machine if None.
    """

    def __init__(
        self,
        location: str | Path,
        study: str,
        measure_for: MeasureFor,
        *,
        count: int | None = None,
        gpus: float = 0.0,
        address: str | None = None,
    ) -> None:
        self._location, self._study, self._measure_for = location, study, measure_for
        self._workers, self._gpus, self._address = count, gpus, address
        self._stack = ExitStack()
        self._tasks: list[Any] = []

    def __enter__(self) -> Self:
        """Connect to the cluster, or start one, and start the tasks.

        Raises:
            ConfigurationError: if there is no cluster, or none with the resources of one task.
        """
        location = self._location
        if not is_url(location):
            location = str(Path(location).resolve())
        with ExitStack() as stack:
            stack.enter_context(ray_cluster(self._address))
            import ray

            resources: Any = ray.cluster_resources
            count = self._count(resources())
            task = ray.remote(_label).options(
                num_cpus=1, num_gpus=self._gpus, max_retries=_RESTARTS
            )
            here = str(Path.cwd())
            self._tasks = [
                task.remote(str(location), self._study, here, self._measure_for)
                for _ in range(count)
            ]
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        import ray

        with self._stack:
            for task in self._tasks:
                ray.cancel(task)
            ray.wait(self._tasks, num_returns=len(self._tasks), timeout=_SECONDS_TO_END)
            self._tasks = []

    def supervise(self, labels: int) -> None:  # noqa: ARG002
        """Find out whether a task has ended for good.

        Args:
            labels: how many there are by now.

        Raises:
            TrainingError: if one has: it cannot do its work, or its process died again and again.
        """
        import ray

        ended, _ = ray.wait(self._tasks, num_returns=len(self._tasks), timeout=0)
        for task in ended:
            try:
                ray.get(task)
            except (CtnasError, ray.exceptions.RayError) as error:
                cause = getattr(error, "cause", None) or error
                raise TrainingError(f"a worker ended: {first_line(cause)}") from None

    def _count(self, resources: dict[str, float]) -> int:
        """Return how many tasks there are: as many as the cluster has room for, unless said."""
        gpus = self._gpus
        room = int(resources.get("CPU", 0))
        if gpus:
            room = min(room, int(resources.get("GPU", 0) / gpus))
        if room < 1:
            raise ConfigurationError(
                f"the Ray cluster has {resources.get('CPU', 0):g} CPU cores and "
                f"{resources.get('GPU', 0):g} GPUs; a task needs 1 and {gpus:g}"
            )
        return self._workers or room


def _label(location: str, study: str, directory: str, measure_for: MeasureFor) -> None:
    """Be a worker, in a process of the cluster.

    Args:
        location: the ledger.
        study: its name.
        directory: where the search was started: relative names of images start there.
        measure_for: finds out how to measure.
    """
    with suppress(OSError):
        os.chdir(directory)
    serve(
        WorkerConfig(location, study),
        measure_for,
        Breakable(),
        SilentProgress(),
        wait_for_database=True,
    )
