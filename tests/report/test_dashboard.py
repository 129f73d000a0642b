"""optuna-dashboard on the ledger of a run."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from ctnas.labels import Ledger
from ctnas.labels.queue import LabelQueue
from ctnas.spaces import NasBench201Space

Fetch = Callable[[str], Any]


@pytest.fixture
def ledger(make_run: Callable[..., Path]) -> Path:
    """Return the ledger of a run with 30 labels, a query that failed and one that waits."""
    path = make_run() / "labels.db"
    space = NasBench201Space()
    with LabelQueue.open(path, create=True) as queue:
        queue.enqueue(space.format(space.enumerate()[:2]), source="random")
        query = queue.claim()
        assert query
        queue.fail(query, "out of memory")
    return path


@pytest.fixture
def fetch(ledger: Path) -> Iterator[Fetch]:
    """Return a way to ask a dashboard that has the ledger open."""
    program = shutil.which("optuna-dashboard")
    if program is None:
        pytest.skip("optuna-dashboard is not installed: pip install 'ctnas[dashboard]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--host", "127.0.0.1", "--port", str(port), "--server", "wsgiref"]
    process = subprocess.Popen(
        [*command, f"sqlite:///{ledger}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )

    def fetch(place: str) -> Any:
        with urlopen(f"http://127.0.0.1:{port}{place}", timeout=60) as answer:
            assert answer.status == 200
            return json.loads(answer.read())

    try:
        last = time.monotonic() + 120
        while True:
            try:
                fetch("/api/meta")
                break
            except URLError:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < last
                time.sleep(0.2)
        yield fetch
    finally:
        process.kill()
        process.communicate()


def test_dashboard_shows_labels_queries_and_what_was_noted(fetch: Fetch, ledger: Path) -> None:
    (study,) = fetch("/api/studies")["study_summaries"]
    assert study["study_name"] == "labels"
    assert study["directions"] == ["maximize"]
    detail = fetch(f"/api/studies/{study['study_id']}")
    assert detail["name"] == "labels"
    assert attributes(detail)["ctnas.metric"] == "validation_accuracy"
    with Ledger.open(ledger) as kept:
        expected = dict(zip(kept.architectures, kept.values.tolist(), strict=True))
    shown: dict[str, list[dict[str, Any]]] = {}
    for trial in detail["trials"]:
        shown.setdefault(trial["state"], []).append(trial)
    assert {state: len(trials) for state, trials in shown.items()} == {
        "Complete": 30,
        "Fail": 1,
        "Waiting": 1,
    }
    assert {
        attributes(trial)["architecture"]: pytest.approx(trial["values"][0])
        for trial in shown["Complete"]
    } == expected
    assert attributes(shown["Fail"][0])["reason"] == "out of memory"
    assert attributes(shown["Waiting"][0])["source"] == "random"


def attributes(trial: dict[str, Any]) -> dict[str, Any]:
    """Return what is noted beside a study or a trial, as text."""
    return {entry["key"]: entry["value"] for entry in trial["user_attrs"]}
