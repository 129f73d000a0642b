"""Which settings a run may go on with, and who may go on with it."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ctnas.app.lock import locked
from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig
from ctnas.settings.resuming import check_resumable
from ctnas.supernet.config import SupernetConfig

BEFORE = RunConfig(queries=300, iterations=50)


@pytest.mark.parametrize(
    "changes",
    [
        {"queries": 301},
        {"iterations": 60},
        {"quiet": True, "threads": 3, "provider": "cpu", "top": 7, "confirm": 3},
        {"supernet": SupernetConfig(device="cpu", workers=2)},
    ],
)
def test_totals_may_rise_and_the_way_of_computing_may_change(changes: dict[str, object]) -> None:
    check_resumable(BEFORE, replace(BEFORE, **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"queries": 299}, "queries is a total and may only be raised: it was 300, not '299'"),
        ({"iterations": 49}, "iterations is a total and may only be raised: it was 50, not '49'"),
        ({"iterations": None}, "it was 50, not the preset's"),
        ({"seed": 1}, "seed was '0' and cannot become '1'"),
        ({"dataset": "cifar10"}, "dataset was 'digits' and cannot become 'cifar10'"),
        ({"initial": 100}, "initial was not given and cannot become '100'"),
        ({"held_out": 0.3}, "held-out was '0.2' and cannot become '0.3'"),
        ({"supernet": SupernetConfig(epochs=3)}, "supernet.epochs was '60' and cannot become '3'"),
    ],
)
def test_change_that_would_mix_results_is_refused_by_name(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_resumable(BEFORE, replace(BEFORE, **changes))
    assert message in str(caught.value)


HOLD = """
import sys
from pathlib import Path
from ctnas.app.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(ConfigurationError, match=f"in use by process {holder.pid};"),
            locked(tmp_path),
        ):
            pass
        # However the first ends, the directory is free at once.
        holder.kill()
        holder.wait()
        with locked(tmp_path):
            assert (tmp_path / ".holder").read_text() == str(os.getpid())
