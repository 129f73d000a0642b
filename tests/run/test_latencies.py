"""Latencies by a worker: a search leaves them to a study, and who answers it."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from ctnas.app.progress import SilentProgress
from ctnas.errors import ConfigurationError
from ctnas.labels import Ledger
from ctnas.labels.place import LedgerPlace
from ctnas.labels.queue import LabelQueue
from ctnas.labels.study import find_study
from ctnas.networks.latency import LatencyConfig
from ctnas.run.collection import measure_for
from ctnas.run.config import RunConfig
from ctnas.run.context import RunContext
from ctnas.run.directory import RunDirectory
from ctnas.run.label_config import LabelConfig
from ctnas.run.latencies import DEVICE, LAYOUT, TIMING, latencies
from ctnas.spaces import get_space
from ctnas.supernet.layouts import make_layout
from ctnas.workers.worker import work

SPACE = get_space("nasbench201")
SIZES = {"cells": 3, "channels": 4, "image_size": 8, "image_channels": 1, "classes": 3}
TIMED = LatencyConfig(warm_up=0, repeats=3, attempts=1)


def study(path: Path, metric: str = "latency", **notes: str) -> Path:
    """Make a study that asks for latencies."""
    Ledger.create(path, SPACE, metric, minimize=True).close()
    with LabelQueue.open(path, create=True) as queue:
        queue.describe(**notes)
    return path


NOTES = {LAYOUT: json.dumps(SIZES), TIMING: json.dumps({"warm_up": 0, "repeats": 3, "attempts": 1})}


def test_a_search_gets_the_latencies_that_a_worker_measures(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    config = RunConfig(
        space="nasbench201", objective="accuracy,-latency", latency_by="workers", latency=TIMED
    )
    run = RunContext(config, RunDirectory(tmp_path), SilentProgress())
    batch = SPACE.sample(3, seed=0)
    values = latencies(
        run, LedgerPlace(tmp_path / "labels.db"), SPACE, make_layout("nasbench201", **SIZES)
    )
    found: list[np.ndarray] = []
    search = threading.Thread(target=lambda: found.append(values(batch, SPACE.format(batch))))
    search.start()
    path = run.directory.latency_labels
    worker = LabelConfig(storage=str(path), measure="latency")
    while not found:
        search.join(0.1)
        # The study is complete once it says how networks are timed.
        if f"ctnas.{TIMING}" in (find_study(path, "labels") or {}):
            with LabelQueue.open(path) as queue:
                work(queue, measure_for(worker, queue, SilentProgress()), idle=0.5)
    search.join(30)
    assert (found[0] > 0).all()
    with Ledger.open(path) as ledger:
        assert ledger.minimize
        labels = ledger.labels(SPACE)
    assert labels.counts.tolist() == [3, 3, 3]
    # What is known is not asked again.
    np.testing.assert_array_equal(values(batch, SPACE.format(batch)), found[0])


@pytest.mark.parametrize(
    ("metric", "notes", "options", "message"),
    [
        ("accuracy", {}, {}, "study 'labels' asks for accuracy, not for latencies"),
        ("latency", NOTES | {DEVICE: "a phone"}, {}, "is timed on 'a phone', and this is"),
        ("latency", NOTES, {"latency": LatencyConfig(batch=8)}, "has settings of its own"),
    ],
)
def test_a_worker_refuses_what_could_not_be_compared(
    metric: str,
    notes: dict[str, str],
    options: dict[str, object],
    message: str,
    tmp_path: Path,
) -> None:
    path = study(tmp_path / "labels.db", metric, **notes)
    worker = LabelConfig(storage=str(path), measure="latency", **options)  # type: ignore[arg-type]
    with LabelQueue.open(path) as queue, pytest.raises(ConfigurationError, match=message):
        measure_for(worker, queue, SilentProgress())
