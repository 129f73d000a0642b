"""Forks and interrupts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import numpy as np
import pytest

from ctnas import _core

from .models import ModelShape, Weights, ranker

FORK = """
import os, sys, threading
import numpy as np
from ctnas import _core

graphs = np.zeros((1000, 7, 7), np.uint8), np.ones((1000, 7), np.int64)
encoder = _core.Encoder(sys.argv[1], provider="cpu", threads=2)
expected = np.stack(encoder.encode(*graphs))
stop = threading.Event()

def keep_busy():
    while not stop.is_set():
        encoder.encode(*graphs)

busy = threading.Thread(target=keep_busy)
busy.start()
codes = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        same = np.array_equal(np.stack(encoder.encode(*graphs)), expected)
        other = _core.Encoder(sys.argv[1], provider="cpu")
        same = same and np.array_equal(np.stack(other.encode(*graphs)), expected)
        del encoder, other
        os._exit(0 if same else 1)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
busy.join()
child = os.fork()
if child == 0:
    sys.exit(7)
codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert codes == [0] * 5 + [7], codes
"""

INTERRUPT = """
import time
import numpy as np
from ctnas import _core

logit = np.zeros(1_000_000)
print("ready", flush=True)
try:
    _core.mean_win_probability_direct(logit, logit)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


class Alarm(Exception):  # noqa: N818
    pass


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    def ring(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_may_encode_and_leave(ranker_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ranker.onnx"
    path.write_bytes(ranker_bytes)
    result = subprocess.run(
        [sys.executable, "-c", FORK, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_ctrl_c_ends_a_long_average_within_a_second() -> None:
    with subprocess.Popen([sys.executable, "-c", INTERRUPT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        begin = time.perf_counter()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"interrupted\n"
        assert time.perf_counter() - begin < 1.0


def test_a_signal_handler_may_end_an_encoding(
    shape: ModelShape, alarm: Callable[[float], None]
) -> None:
    encoder = _core.Encoder(
        ranker(shape, Weights.draw(6, seed=0)), provider="cpu", threads=1, chunk=1
    )
    graphs = np.zeros((2_000_000, 7, 7), np.uint8), np.zeros((2_000_000, 7), np.int64)
    begin = time.perf_counter()
    alarm(0.5)
    with pytest.raises(Alarm):
        encoder.encode(*graphs)
    assert time.perf_counter() - begin < 1.5
    encoder.encode(graphs[0][:10], graphs[1][:10])
