"""The example of an objective of one's own."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "own_objective.py"


@pytest.mark.slow
def test_example_finds_many_convolutions_in_under_twenty_lines() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) < 20
    assert runpy.run_path(str(EXAMPLE))["study"].best_value >= 4
