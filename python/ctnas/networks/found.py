"""A network that a search or a training has found, with what it was measured by."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from ctnas.app.threads import one_thread
from ctnas.supernet.layouts import space_of_layout
from ctnas.supernet.normalization import BatchStatistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor, nn

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.network import AnyPath, Supernet
    from ctnas.training.image_set import ImageSplits


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    """One architecture with weights, ready to be written as files.

    Attributes:
        space: name of its search space.
        architecture: its text.
        network: images uint8 [B, C, H, W] to logits float32 [B, classes]; in evaluation mode, on
            the CPU.
        measured: the same as it was measured: inherited weights within their supernet.
        splits: the images that it was measured on.
        weights: where they come from, for people: "inherited from the supernet of runs/a".
        rebuilt_by: what `load_network` builds the network from: plain values.
        madds: multiply-adds of an image; None if unknown.
        parameters: number of trainable parameters.
        about: more for the model card, by name: labels spent, epochs and the like.
    """

    space: str
    architecture: str
    network: nn.Module
    measured: Callable[[Tensor], Tensor]
    splits: ImageSplits
    weights: str
    rebuilt_by: dict[str, Any]
    madds: float | None
    parameters: int
    about: dict[str, Any] = field(default_factory=dict)


def inherited_network(
    supernet: Supernet,
    architecture: ArchitectureBatch,
    splits: ImageSplits,
    calibration: Tensor,
    *,
    weights: str = "inherited from a supernet",
    about: Mapping[str, Any] | None = None,
) -> FoundNetwork:
    """Return an architecture with the weights that it inherits.

    Args:
        supernet: the trained weights, on the CPU.
        architecture: a batch of one.
        splits: the images that the supernet was trained on.
        calibration: training images that its batch-norm statistics are measured on, uint8
            [B, C, H, W]: those that its label was measured with.
        weights: where they come from, for people.
        about: more for the model card.
    """
    space = space_of_layout(supernet.space, supernet.layout)
    (path,) = supernet.eval().paths(architecture)
    statistics = BatchStatistics(len(calibration))
    with torch.inference_mode(), one_thread():
        supernet(calibration, path, statistics)
    costs = space.costs(architecture)
    network = supernet.inherit(path, statistics)
    layout: Any = supernet.layout
    return FoundNetwork(
        space=space.name,
        architecture=space.format(architecture)[0],
        network=network,
        measured=_within(supernet, path, statistics),
        splits=splits,
        weights=weights,
        rebuilt_by={"layout": asdict(layout)},
        madds=None if costs is None else float(costs.madds[0]),
        parameters=sum(weight.numel() for weight in network.parameters()),
        about=dict(about or {}),
    )


def _within(
    supernet: Supernet, path: AnyPath, statistics: BatchStatistics
) -> Callable[[Tensor], Tensor]:
    def compute(images: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = supernet(images, path, statistics)
        return logits

    return compute


def measured_alone(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return what computes logits by a network itself, without gradients."""

    def compute(images: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = network(images)
        return logits

    return compute
