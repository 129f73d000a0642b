"""What the files of a network say about it: `network.json` and the metadata of `network.onnx`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnas.networks.onnx_graph import INPUT, IR_VERSION, OPSET, OUTPUT

if TYPE_CHECKING:
    from torch import Tensor

    from ctnas.networks.agreement import Agreement
    from ctnas.networks.found import FoundNetwork
    from ctnas.networks.latency import Latency

FORMAT = "1"
_PACKAGES = ("ctnas", "torch", "onnx", "safetensors", "numpy")


def describe(
    found: FoundNetwork, agreement: Agreement, latency: Latency, command: str
) -> dict[str, Any]:
    """Return the contents of `network.json`, but for the hashes of the files.

    Args:
        found: the network.
        agreement: of the ONNX file with what was measured, on test images.
        latency: of the ONNX file, here.
        command: that wrote the files.
    """
    return {
        "format": FORMAT,
        "space": found.space,
        "architecture": found.architecture,
        "weights": found.weights,
        "network": found.rebuilt_by,
        "input": input_of(found),
        "output": {"name": OUTPUT, "type": "float32", "classes": list(found.splits.classes)},
        "onnx": {"opset": OPSET, "ir_version": IR_VERSION},
        "accuracy": {
            "value": agreement.accuracy,
            "standard_error": agreement.standard_error,
            "images": agreement.images,
            "of": f"test images of {found.splits.name}",
            "largest_logit_difference": agreement.difference,
        },
        "madds": found.madds,
        "parameters": found.parameters,
        "latency": {**latency.as_dict(), "trusted": latency.trusted, "machine": machine_name()},
        "about": found.about,
        "command": command,
        "versions": {name: version(name) for name in _PACKAGES}
        | {"python": platform.python_version(), "onnxruntime": _onnxruntime_version()},
    }


def input_of(found: FoundNetwork) -> dict[str, Any]:
    """Return what the network wants to be given."""
    channels, height, width = found.splits.shape
    return {
        "name": INPUT,
        "type": "uint8",
        "layout": "NCHW",
        "colors": "grey" if channels == 1 else "RGB",
        "channels": channels,
        "height": height,
        "width": width,
        "crop": found.splits.crop,
        "mean": _buffer(found, "mean").flatten().tolist(),
        "deviation": _buffer(found, "deviation").flatten().tolist(),
        "normalized_inside": True,
    }


def onnx_properties(found: FoundNetwork) -> dict[str, str]:
    """Return the metadata of `network.onnx`: all that a program needs to use it."""
    taken = input_of(found)
    return {
        "ctnas.network_format": FORMAT,
        "ctnas.version": version("ctnas"),
        "ctnas.space": found.space,
        "ctnas.architecture": found.architecture,
        "ctnas.classes": json.dumps(list(found.splits.classes), ensure_ascii=False),
        **{
            f"ctnas.input.{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in taken.items()
        },
    }


def _buffer(found: FoundNetwork, name: str) -> Tensor:
    """Return mean or deviation of the pixels, which the network holds under some prefix."""
    buffers = found.network.named_buffers()
    return next(tensor for key, tensor in buffers if key.rpartition(".")[2] == name)


def machine_name() -> str:
    """Return what networks are timed on: processor and system."""
    return f"{_processor()}, {platform.system()}"


def _processor() -> str:
    """Return the name of the processor, where the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _onnxruntime_version() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)
