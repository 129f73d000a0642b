"""A comparator at work where NumPy and ONNX Runtime are all that is installed beside ctnas."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import ctnas
from ctnas import _core
from ctnas.comparator.runtime import Comparator
from ctnas.spaces import SearchSpace, get_space, space_names

# What `pip install ctnas` brings, but for NumPy, ONNX Runtime and the parser of command lines.
ABSENT = (
    *("torch", "torchvision", "lightning_fabric", "optuna", "onnx", "onnxscript", "scipy"),
    *("sklearn", "matplotlib", "pyarrow", "jinja2", "rich", "safetensors", "cyclopts"),
)

RANK = """
import json, sys
from importlib.util import find_spec
sys.path.append(sys.argv[1])
found = [name for name in sys.argv[3].split(",") if find_spec(name) is not None]
assert not found, found
import ctnas
comparator = ctnas.Comparator.load(sys.argv[2], provider="cpu")
batch = comparator.space.parse(json.load(sys.stdin))
best = comparator.rank(batch, top=20)
print(json.dumps([best.indices.tolist(), best.win_probability.tolist(), comparator.metadata]))
"""

SPACES = """
import sys
sys.path.append(sys.argv[1])
import ctnas
for name in sys.argv[2].split(","):
    space = ctnas.get_space(name)
    batch = space.sample(10, seed=0)
    graphs = space.graphs(space.parse(space.format(batch)))
    print(name, *graphs.adjacency.shape)
"""


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of packages that holds nothing but ctnas, NumPy and ONNX Runtime."""
    packages = tmp_path_factory.mktemp("packages")
    for package in (np, onnxruntime):
        home = Path(str(package.__file__)).parent
        (packages / home.name).symlink_to(home)
        libraries = home.with_name(f"{home.name}.libs")
        if libraries.is_dir():
            (packages / libraries.name).symlink_to(libraries)
    (packages / "ctnas").mkdir()
    parts = [entry for home in ctnas.__path__ for entry in Path(home).iterdir()]
    for part in {part.name: part for part in [*parts, Path(_core.__file__)]}.values():
        (packages / "ctnas" / part.name).symlink_to(part)
    return packages


def run(script: str, *arguments: object, text: str = "") -> str:
    """Run a script without the packages of this environment; return what it prints."""
    process = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_ranking_is_the_same_to_the_bit(
    lean: Path, exported: Callable[..., Path], space: SearchSpace
) -> None:
    texts = space.format(space.sample(300, seed=5))
    text = json.dumps(texts)
    indices, won, metadata = json.loads(run(RANK, lean, exported(), ",".join(ABSENT), text=text))
    full = Comparator.load(exported(), provider="cpu")
    best = full.rank(space.parse(texts), top=20)
    assert indices == best.indices.tolist()
    assert won == best.win_probability.tolist()
    assert metadata == full.metadata


def test_every_space_samples_parses_and_draws_its_graphs(lean: Path) -> None:
    printed = run(SPACES, lean, ",".join(space_names())).splitlines()
    spaces = [get_space(name) for name in space_names()]
    assert printed == [f"{space.name} 10 {space.nodes} {space.nodes}" for space in spaces]
