"""Lightning Fabric for a placement, and what goes wrong on devices in words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from ctnas.errors import ConfigurationError, TrainingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnas.training.placement import Placement


def make_fabric(placement: Placement, *, all_weights_used: bool = True) -> Fabric:
    """Return what places training on devices, its processes started.

    Args:
        placement: the devices.
        all_weights_used: whether every step uses all weights; a path of a supernet does not.

    Raises:
        ConfigurationError: if the device is not there, or cannot compute in that precision.
    """
    device: str = placement.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError("device 'cuda' is not usable here; allowed are auto and cpu")
    if device == "cuda" and placement.devices > torch.cuda.device_count():
        raise ConfigurationError(
            f"devices must be at most {torch.cuda.device_count()}, the GPUs of this machine, "
            f"not {placement.devices}"
        )
    if device == "cpu" and placement.precision == "16-mixed":
        raise ConfigurationError(
            "precision '16-mixed' needs a GPU; allowed on the CPU are 32-true and bf16-mixed"
        )
    several = placement.devices * placement.nodes > 1
    fabric = Fabric(
        accelerator=device,
        devices=placement.devices,
        num_nodes=placement.nodes,
        precision=placement.precision,
        strategy=DDPStrategy(find_unused_parameters=not all_weights_used) if several else "auto",
    )
    if several:
        fabric.launch()
    return fabric


@contextmanager
def memory_explained(batch_size: int, placement: Placement) -> Iterator[None]:
    """Turn a GPU's lack of memory into advice.

    Args:
        batch_size: images of a step over all devices.
        placement: the devices that share them.

    Raises:
        TrainingError: naming the batch size and what to lower.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        at_once = max(1, batch_size // placement.parts)
        raise TrainingError(
            f"the GPU's memory does not hold {at_once} images at a time (batch size {batch_size}, "
            f"{placement.devices * placement.nodes} device(s), accumulate {placement.accumulate}); "
            f"raise accumulate to {2 * placement.accumulate}, or lower batch-size, channels or "
            "image-size, or train in precision bf16-mixed"
        ) from error
