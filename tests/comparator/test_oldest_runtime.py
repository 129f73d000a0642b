"""Exported files give the same answers in the oldest ONNX Runtime that pip serves.

`CTNAS_OLDEST_ONNXRUNTIME` is the interpreter of an environment that has it, such as
`.ci/oldest_runtime.sh` makes.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from ctnas.comparator.runtime import Comparator
from ctnas.spaces import get_space

SCORE = """
import sys
import numpy, onnxruntime
adjacency, operations = (numpy.load(path) for path in sys.argv[2:4])
folder = sys.argv[1]
open_file = lambda name: onnxruntime.InferenceSession(
    f"{folder}/{name}", providers=["CPUExecutionProvider"]
)
ranker, pair = open_file("ranker.onnx"), open_file("comparator.onnx")
logits = ranker.run(None, {"adjacency": adjacency, "operations": operations})
probability = pair.run(
    None,
    {
        "adjacency_a": adjacency, "operations_a": operations,
        "adjacency_b": adjacency[::-1].copy(), "operations_b": operations[::-1].copy(),
    },
)
numpy.savez(sys.argv[4], challenger=logits[0], opponent=logits[1], probability=probability[0])
print(onnxruntime.__version__)
"""


@pytest.mark.parametrize("preset", ["default", pytest.param("paper", marks=pytest.mark.slow)])
def test_files_have_the_lowest_versions(exported: Callable[..., Path], preset: str) -> None:
    for name in ("comparator.onnx", "ranker.onnx"):
        model = onnx.load(exported("nasbench201", preset) / name)
        assert model.ir_version == 8
        assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]
        onnx.checker.check_model(model, full_check=True)


@pytest.mark.slow
@pytest.mark.oldest_runtime
@pytest.mark.skipif(
    "CTNAS_OLDEST_ONNXRUNTIME" not in os.environ,
    reason="CTNAS_OLDEST_ONNXRUNTIME names no interpreter with the oldest ONNX Runtime",
)
@pytest.mark.parametrize("preset", ["default", "paper"])
@pytest.mark.parametrize("name", ["nasbench101", "nasbench201", "darts", "mobilenetv3"])
def test_the_oldest_runtime_gives_the_same_answers(
    exported: Callable[..., Path], tmp_path: Path, name: str, preset: str
) -> None:
    space = get_space(name)
    folder = exported(name, preset)
    graphs = space.graphs(space.sample(50, seed=0))
    np.save(tmp_path / "adjacency.npy", graphs.adjacency)
    np.save(tmp_path / "operations.npy", graphs.operations)
    places = [folder, *(tmp_path / file for file in ("adjacency.npy", "operations.npy", "out.npz"))]
    subprocess.run(
        [os.environ["CTNAS_OLDEST_ONNXRUNTIME"], "-c", SCORE, *map(str, places)],
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    found = np.load(tmp_path / "out.npz")
    comparator = Comparator.load(folder, provider="cpu")
    challenger, opponent = comparator.encode(graphs)
    expected = 1 / (1 + np.exp(-(challenger.astype(np.float64) + opponent[::-1])))
    for value, name_ in ((challenger, "challenger"), (opponent, "opponent")):
        np.testing.assert_allclose(found[name_], value, atol=1e-5)
    np.testing.assert_allclose(found["probability"], expected, atol=1e-5)
