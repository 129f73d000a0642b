"""A finished run directory with made-up figures, as a search leaves it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ctnas.labels import Ledger
from ctnas.spaces import NasBench201Space

CONFIGURATION = 'space = "nasbench201"\nseed = 0\n\n[search]\niterations = 120\n'


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory that all tests share; `make_run` copies it."""
    run = tmp_path_factory.mktemp("finished")
    space = NasBench201Space()
    generator = np.random.default_rng(0)
    texts = space.format(space.sample(60, seed=0))
    (run / "config.toml").write_text(CONFIGURATION)
    with Ledger.create(run / "labels.db", space, "validation_accuracy") as ledger:
        for text in texts[:30]:
            ledger.append(text, generator.uniform(0.8, 0.95))
    write_search(run, texts, generator)
    write_ranking(run, texts[30:])
    (run / "summary.json").write_text(json.dumps(make_summary(texts)))
    return run


@pytest.fixture
def make_run(tmp_path: Path, finished_run: Path) -> Callable[..., Path]:
    """Return a function that makes a run directory; its arguments replace keys of the summary."""

    def make(name: str = "run", **changes: Any) -> Path:
        run = tmp_path / name
        shutil.copytree(finished_run, run)
        summary = json.loads((run / "summary.json").read_text())
        (run / "summary.json").write_text(json.dumps(summary | changes))
        return run

    return make


def write_search(run: Path, texts: list[str], generator: np.random.Generator) -> None:
    iterations = np.arange(120)
    history = {
        "iteration": iterations,
        "reward": generator.uniform(0.4, 0.8, 120),
        "entropy": 30 * np.exp(-iterations / 50),
        "loss": np.full(120, 0.5),
        "kendall_tau": np.where(iterations % 20 == 0, 0.5, np.nan),
        "baseline": [texts[i // 40] for i in iterations],
    }
    parquet.write_table(pa.table(history), run / "history.parquet")
    predictions = {
        "architecture": texts[:30],
        "label": generator.uniform(0.8, 0.95, 30),
        "win_probability": generator.uniform(0, 1, 30),
        "held_out": np.arange(30) % 3 == 0,
    }
    parquet.write_table(pa.table(predictions), run / "predictions.parquet")


def write_ranking(run: Path, texts: list[str]) -> None:
    lines = ["rank,architecture,win_probability,label,madds,parameters"]
    lines += [
        f"{rank},{text},{0.99 - rank / 100},{'0.91' if rank < 3 else ''},{1e6 + rank},73306"
        for rank, text in enumerate(texts, start=1)
    ]
    (run / "ranking.csv").write_text("\n".join(lines) + "\n")


def make_summary(texts: list[str]) -> dict[str, Any]:
    best = {
        "architecture": texts[30],
        "win_probability": 0.98,
        "label": 0.91,
        "madds": 1000001,
        "parameters": 73306,
    }
    return {
        "space": "nasbench201",
        "dataset": "digits",
        "preset": "default",
        "seed": 0,
        "queries": 30,
        "iterations": 120,
        "kendall_tau": 0.6123,
        "best": best,
        "metric": "validation_accuracy",
        "provider": "CPUExecutionProvider",
        "seconds": {
            "supernet": 61.2,
            "labels": 84.0,
            "comparator": 5.1,
            "search": 20.5,
            "total": 170.8,
        },
        "versions": {"ctnas": "0.1.0", "torch": "2.14.0"},
        "finalists": [
            {"name": "found 1", **best, "test_accuracy": 0.9312},
            {"name": "found 2", **best, "architecture": texts[31], "test_accuracy": 0.93},
            {"name": "best sampled", **best, "architecture": texts[0], "test_accuracy": 0.92},
            {"name": "median sampled", **best, "architecture": texts[1], "test_accuracy": 0.88},
        ],
    }
