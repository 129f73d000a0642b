"""The official file is half a gigabyte: reading must neither hold it nor take minutes."""

import json
import subprocess
import sys
from base64 import b64encode
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from google_crc32c import value as crc32c

from ctnas.spaces import NasBench101Space

from .official_records import evaluation, frame

CELLS = 165_000
RUNS = 3

READ = """
import json, sys, time
from ctnas.labels import LabelSet
from ctnas.spaces import get_space

began = time.perf_counter()
labels = LabelSet.read(sys.argv[1], get_space("nasbench101"), "test_accuracy_run1")
seconds = time.perf_counter() - began
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
values = labels.values[:1000].tolist()
print(json.dumps([len(labels), values, seconds, int(peak.split()[1]) / 1024]))
"""


def write_large(path: Path) -> np.ndarray:
    """Write every run of the first cells of the space; return the accuracies [cells, runs]."""
    space = NasBench101Space()
    batch = space.enumerate()[:CELLS]
    accuracies = np.random.default_rng(0).random((CELLS, RUNS))
    before = evaluation(0.0, 0.0, [0.1, 0.1, 0.1]) + evaluation(54.0, 600.0, [0.8, 0.7, 0.7])
    digests = space.hashes(batch)
    texts = [
        ("".join(map(str, matrix.ravel().tolist())), ",".join(operations))
        for matrix, operations in space.to_matrix(batch)
    ]
    with path.open("wb") as stream:
        for run, cell in product(range(RUNS), range(CELLS)):
            accuracy = float(accuracies[cell, run])
            metrics = before + evaluation(108.0, 1200.0, [1.0, accuracy / 2, accuracy])
            fields = [digests[cell], 108, *texts[cell], b64encode(metrics).decode()]
            stream.write(frame(json.dumps(fields).encode(), crc32c))
    return accuracies


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="peak memory is not told here")
def test_large_file_is_read_record_by_record_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.tfrecord"
    accuracies = write_large(path)
    assert path.stat().st_size > 200e6
    command = [sys.executable, "-c", READ, str(path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    count, values, seconds, peak = json.loads(output)
    records = CELLS * RUNS
    print(f"{records / seconds:,.0f} records a second, {peak:.0f} MiB at most")
    assert count == CELLS
    assert values == accuracies[:1000, 1].tolist()
    # The interpreter and 88 bytes a record, but not the file.
    assert peak < 400
