"""Workers as tasks of a cluster: what is refused, and what happens when a task cannot work."""

import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from ctnas.errors import ConfigurationError, TrainingError
from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.labels.study import STUDY
from ctnas.run.collection import measure_for
from ctnas.spaces import NasBench201Space
from ctnas.workers.ray_team import RayTeam

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed: ctnas[ray]"),
    # Ray leaves sockets and processes to its own clean-up.
    pytest.mark.filterwarnings("ignore"),
]


def test_cluster_without_the_gpus_of_a_task_is_refused(tmp_path: Path) -> None:
    team = RayTeam(tmp_path / "labels.db", STUDY, measure_for, gpus=64)
    with pytest.raises(ConfigurationError, match="GPUs; a task needs 1 and 64"):
        team.__enter__()


def test_task_that_cannot_do_its_work_ends_the_search(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    Ledger.create(path, NasBench201Space(), "accuracy").close()
    LabelQueue.open(path, create=True).close()

    def supervise(team: RayTeam) -> None:
        for _ in range(600):
            team.supervise(0)
            time.sleep(0.1)

    with RayTeam(path, STUDY, measure_for, count=1) as team:  # noqa: SIM117
        with pytest.raises(TrainingError, match="a worker ended: study 'labels' names no run"):
            supervise(team)
