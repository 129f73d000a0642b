"""The page of benchmarks says of which sources each table is, and has a place for all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ALL = CHECKOUT / "benchmarks" / "all.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ALL), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_table_claims_to_be_of_sources_that_it_is_not_of() -> None:
    checked = run("--check")
    assert checked.returncode == 0, checked.stderr


def test_a_table_of_other_sources_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Measured with sources `0123456789ab` (version 0.1.0), a machine.\n")
    checked = run("--check", "--page", str(page))
    assert checked.returncode == 1
    assert "0123456789ab" in checked.stderr
    run("--write", "--page", str(page), "--out", str(tmp_path))
    assert page.read_text().startswith("**Of another version**, sources `0123456789ab`")
    assert run("--check", "--page", str(page)).returncode == 0


def test_every_table_that_is_measured_has_its_place(tmp_path: Path) -> None:
    listed = run("--list", "--out", str(tmp_path)).stdout.splitlines()[:-1]
    page = (CHECKOUT / "BENCHMARKS.md").read_text()
    for line in listed:
        assert page.count(f"<!-- table: {line.split()[0]} -->") == 1
    assert page.count("<!-- table: ") == page.count("<!-- end -->") == len(listed)
