"""What every supernet is: weights of all architectures of a space, of which one path runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn

from ctnas.supernet.normalization import PathBatchNorm, track_statistics
from ctnas.training.network import ImageNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.supernet.layers import Node
    from ctnas.supernet.layouts import Layout
    from ctnas.supernet.normalization import BatchStatistics

AnyPath: TypeAlias = Any
"""An architecture as its supernet reads it; each space has its own form."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The part of a forward pass that all architectures share, on a set of images.

    Attributes:
        stem: what the stem puts out.
        inputs: the fitted inputs of the first cell, where all architectures share them.
        known: outputs of operations on them, as far as paths have needed them.
    """

    stem: Node
    inputs: list[Node] = field(default_factory=list)
    known: dict[str, Tensor] = field(default_factory=dict)


class Supernet(ImageNetwork, ABC):
    """A network that holds the weights of all architectures of a space and runs one at a time.

    Args:
        layout: its sizes.
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.

    Attributes:
        space: name of the search space.
    """

    space: ClassVar[str]

    def __init__(self, layout: Layout, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__(mean, deviation)
        self._layout = layout

    @property
    def layout(self) -> Layout:
        """Return the sizes of the network."""
        return self._layout

    @property
    def shared_size(self) -> int:
        """Return how many numbers an image's `Beginning` comes to hold, at most; 0 if few."""
        return 0

    @staticmethod
    @abstractmethod
    def paths(batch: ArchitectureBatch) -> list[AnyPath]:
        """Return the path of each of N architectures of the space.

        Raises:
            ArchitectureError: if they belong to another space.
        """

    @abstractmethod
    def begin(self, images: Tensor, statistics: BatchStatistics | None) -> Beginning:
        """Return the part that all architectures share."""

    @abstractmethod
    def finish(
        self, beginning: Beginning, path: AnyPath, statistics: BatchStatistics | None
    ) -> Tensor:
        """Return logits [B, classes] from the shared part on."""

    def forward(
        self, images: Tensor, path: AnyPath, statistics: BatchStatistics | None = None
    ) -> Tensor:
        """Return logits [B, classes] of one architecture.

        Args:
            images: uint8 [B, C, H, W].
            path: the architecture.
            statistics: of batch normalization along this path; None normalizes by the batch, as
                training does.
        """
        return self.finish(self.begin(images, statistics), path, statistics)

    def single_path(self, path: AnyPath) -> nn.Module:
        """Return a network of one path, with fresh weights: images uint8 to logits [B, classes].

        Its batch normalization keeps running statistics.
        """
        kind: Any = type(self)
        return SinglePath(kind(self.layout, *self.statistics, only=path), path)

    def inherit(self, path: AnyPath, statistics: BatchStatistics) -> nn.Module:
        """Return the network of one path with the weights that it inherits, for evaluation.

        Args:
            path: the architecture.
            statistics: of batch normalization, measured along this path.
        """
        network = self.single_path(path).to(self.mean)
        assert isinstance(network, SinglePath)
        with torch.no_grad():
            _take_leading(network.body, self.state_dict())
            for name, layer in network.body.named_modules():
                if isinstance(layer, PathBatchNorm):
                    shared = self.get_submodule(name)
                    assert isinstance(shared, PathBatchNorm)
                    layer.fix(*statistics.measured(shared))
        return network.eval()


class SinglePath(nn.Module):
    """A supernet that holds the weights of one path only, as a network of its own.

    Args:
        body: these weights.
        path: the path.
    """

    def __init__(self, body: Supernet, path: AnyPath) -> None:
        super().__init__()
        self.body, self._path = body, path
        track_statistics(self)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [B, classes] of images uint8 [B, C, H, W]."""
        logits: Tensor = self.body(images, self._path)
        return logits


def _take_leading(network: nn.Module, shared: Mapping[str, Tensor]) -> None:
    """Fill a network with weights of the same names: the first of them along every axis."""
    for name, own in network.state_dict().items():
        if name in shared:
            own.copy_(shared[name][tuple(slice(size) for size in own.shape)])
