"""NAS-Bench-101 files made of the complete official records."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ctnas.spaces import NasBench101Space

from .official_records import Cell, frame, payload


@pytest.fixture
def nasbench101() -> NasBench101Space:
    return NasBench101Space()


@pytest.fixture
def official(published_data: Callable[[str], Path]) -> list[Cell]:
    """The 52 complete official records: cells, each with three runs."""
    text = published_data("nasbench101_official_records.json").read_text()
    cells: list[Cell] = json.loads(text)
    return cells


@pytest.fixture
def official_payloads(official: list[Cell]) -> list[bytes]:
    """Run 0 of every cell, then run 1, then run 2; between them runs of other budgets."""
    payloads = []
    for run in range(3):
        for cell in official:
            record = cell["runs_108_epochs"][run]
            other = {name: value / 2 for name, value in record.items()}
            payloads += [payload(cell, other, 36), payload(cell, record), payload(cell, other, 4)]
    return payloads


@pytest.fixture
def official_file(tmp_path: Path, official_payloads: list[bytes]) -> Path:
    """A TFRecord file of 468 records."""
    path = tmp_path / "nasbench.tfrecord"
    path.write_bytes(b"".join(map(frame, official_payloads)))
    return path
