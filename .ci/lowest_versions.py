"""Print the lowest versions that `pyproject.toml` allows, as pip takes them: name==version.

Those of PyTorch are left out, since they bring gigabytes; ONNX Runtime is the one for CPUs, which
is the same program without CUDA.

    pip install --no-deps $(python .ci/lowest_versions.py)
"""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
LEFT_OUT = {"torch", "torchvision", "onnxscript", "onnxruntime-gpu"}


def main() -> None:
    """Print a line for each dependency."""
    for requirement in tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]:
        name, version = re.match(r"([\w-]+)>=([\d.]+)", requirement).groups()
        if name not in LEFT_OUT:
            print(f"{name}=={version}")


if __name__ == "__main__":
    main()
