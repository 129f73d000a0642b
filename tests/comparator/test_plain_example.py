"""The example that needs NumPy and ONNX Runtime alone says what the comparator says."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ctnas.architecture import GraphBatch
from ctnas.comparator.runtime import Comparator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "plain_onnxruntime.py"


def test_example_prints_the_probability_of_the_comparator(exported: Callable[..., Path]) -> None:
    command = [sys.executable, str(EXAMPLE), str(exported() / "comparator.onnx")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    comparator = Comparator.load(exported(), provider="cpu")
    adjacency = np.zeros((2, 8, 8), dtype=np.uint8)
    adjacency[0, [0, 1, 2], [1, 2, 3]] = 1
    adjacency[1, [0, 1], [1, 2]] = 1
    operations = np.zeros((2, 8), dtype=np.int64)
    operations[0, :4], operations[1, :3] = [1, 3, 3, 2], [1, 3, 2]
    graphs = GraphBatch(adjacency, operations)
    expected = comparator.compare(graphs[[0]], graphs[[1]])[0]
    assert said.startswith("two skip_connect in a row are better than one with probability")
    assert abs(float(said.split()[-1]) - expected) <= 5e-4 + 1e-6
