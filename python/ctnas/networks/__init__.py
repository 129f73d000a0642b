"""A found architecture as files that run: ONNX, a PyTorch program, weights, a model card.

Names are imported when they are first used, so that settings can be read without PyTorch.

Example:
    >>> from ctnas.run.found import found_network
    >>> found = found_network("runs/a", "2")
    >>> export_network(found, "second")
    >>> logits = load_network("second")(images)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctnas.networks.check import check_network
    from ctnas.networks.export import export_network
    from ctnas.networks.found import FoundNetwork
    from ctnas.networks.latency import Latency, LatencyConfig, measure_latency
    from ctnas.networks.loading import load_network

_HOME = {
    "FoundNetwork": "found",
    "Latency": "latency",
    "LatencyConfig": "latency",
    "check_network": "check",
    "export_network": "export",
    "load_network": "loading",
    "measure_latency": "latency",
}

__all__ = [
    "FoundNetwork",
    "Latency",
    "LatencyConfig",
    "check_network",
    "export_network",
    "load_network",
    "measure_latency",
]


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
