"""A search whose disk fills up, as a user sees it."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ctnas.labels import Ledger

COMMAND = [sys.executable, "-c", "from ctnas.cli.search import main; main()"]
OPTIONS = ["--preset", "smoke", "--queries", "60", "--provider", "cpu", "--threads", "1", "--quiet"]


def start(*options: str, cwd: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, *options], cwd=cwd, stdout=pipe, stderr=pipe, text=True)


def labels(run: Path) -> dict[str, float]:
    with Ledger.open(run / "labels.db") as ledger:
        assert ledger.trial_count() == len(ledger)
        return dict(zip(ledger.architectures, ledger.values.tolist(), strict=True))


def fill(disk: Path) -> Path:
    """Leave no free byte; return the file that takes them."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    return filler


@pytest.mark.slow
@pytest.mark.timeout(2000)
@pytest.mark.parametrize("moment", ["config.toml", "labels.db", "comparator.onnx"])
def test_search_says_so_in_one_line_loses_no_label_and_goes_on(
    small_disk: Path, moment: str
) -> None:
    run = small_disk / "run"
    process = start(*OPTIONS, "--out", str(run), cwd=small_disk)
    while not (run / moment).exists():
        assert process.poll() is None
        time.sleep(0.02)
    filler = fill(small_disk)
    _, errors = process.communicate(timeout=900)
    assert process.returncode == 2
    assert len(errors.strip().splitlines()) == 1
    assert "cannot write" in errors
    assert "full" in errors or "No space left" in errors
    kept = labels(run) if (run / "labels.db").exists() else {}
    assert not (run / "summary.json").exists()
    filler.unlink()
    process = start("--resume", str(run), cwd=small_disk)
    _, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors
    found = labels(run)
    assert len(found) >= 60
    assert kept.items() <= found.items()
    assert (run / "summary.json").exists()
