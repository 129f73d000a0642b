"""The examples of an objective, and of a space of numbers, of one's own."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXAMPLE = EXAMPLES / "own_objective.py"


@pytest.mark.slow
def test_example_finds_many_convolutions_in_under_twenty_lines() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.strip()]
    assert len(lines) < 20
    assert runpy.run_path(str(EXAMPLE))["study"].best_value >= 4


@pytest.mark.slow
def test_a_space_of_numbers_is_tuned_and_its_comparator_prefers_wide_networks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = runpy.run_path(str(EXAMPLES / "space_of_numbers.py"))
    example["main"](tmp_path)
    measured, *expected = capsys.readouterr().out.splitlines()
    assert measured.startswith("measured: depth=")
    assert len(expected) == 3
    assert all("width1=64" in line for line in expected)
    assert (tmp_path / "ranker.onnx").exists()
