"""A search that is killed again and again loses nothing and ends as if nobody had touched it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
@pytest.mark.parametrize(
    ("rounds", "workers", "further"), [(6, 0, []), (1, 2, []), (3, 0, ["--trainings"])]
)
def test_killed_searches_lose_nothing(rounds: int, workers: int, further: list[str]) -> None:
    script = Path(__file__).parent / "fault_loop.py"
    process = subprocess.run(
        [sys.executable, str(script), "--rounds", str(rounds), "--workers", str(workers), *further],
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1].startswith(f"| {workers} | {rounds} |")
