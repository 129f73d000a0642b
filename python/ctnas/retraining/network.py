"""What every network is that is trained from scratch, and how it is built."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ctnas.errors import ConfigurationError
from ctnas.retraining.architecture import retrained_spaces
from ctnas.spaces.descriptor import find_descriptor, resolved
from ctnas.supernet.build import supernet_class
from ctnas.supernet.layouts import make_layout
from ctnas.supernet.normalization import track_statistics
from ctnas.training.network import ImageNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import ArchitectureBatch
    from ctnas.retraining.config import TrainConfig
    from ctnas.supernet.network import AnyPath, Supernet


class RetrainedNetwork(ImageNetwork, ABC):
    """A network of one architecture.

    Args:
        mean: mean of each image channel, in units of the pixels (0 to 255).
        deviation: standard deviation of each image channel, in the same units.

    Attributes:
        path_dropout: probability that an operation is left out for an image in training, where
            the network has such operations.
    """

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__(mean, deviation)
        self.path_dropout = 0.0

    @abstractmethod
    def forward(self, images: Tensor) -> list[Tensor]:
        """Return logits [B, classes] of images uint8 [B, C, H, W].

        In training those of an auxiliary head follow, if there is one.
        """


class SinglePathNetwork(RetrainedNetwork):
    """A supernet that holds the weights of one path only, with batch-norm statistics of its own.

    Args:
        supernet: these weights.
        path: the path.
    """

    def __init__(self, supernet: Supernet, path: AnyPath) -> None:
        super().__init__(*supernet.statistics)
        self.body, self._path = supernet, path
        track_statistics(self)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return logits [B, classes]."""
        logits: Tensor = self.body(images, self._path)
        return [logits]


def build_network(
    config: TrainConfig,
    architecture: ArchitectureBatch,
    shape: tuple[int, int, int],
    classes: int,
    statistics: tuple[Sequence[float], Sequence[float]],
) -> RetrainedNetwork:
    """Return the network of an architecture with fresh weights.

    Args:
        config: its sizes.
        architecture: a batch of one.
        shape: channels, height and width of an image.
        classes: number of classes.
        statistics: mean and standard deviation of each image channel, in units of the pixels.

    Raises:
        ConfigurationError: if the space has no such network.
    """
    space = architecture.space
    described = find_descriptor(space)
    own = described.retraining if described else None
    if own is None:
        raise ConfigurationError(
            f"networks of space {space!r} cannot be trained from scratch; known are "
            f"{', '.join(retrained_spaces())}"
        )
    if config.stem not in own.stems:
        allowed = " or ".join(map(repr, own.stems))
        raise ConfigurationError(f"stem must be {allowed} in space {space!r}, not {config.stem!r}")
    layout = make_layout(
        space,
        cells=config.cells or own.cells,
        channels=config.channels or own.channels,
        image_size=shape[1],
        image_channels=shape[0],
        classes=classes,
    )
    if own.build is not None:
        network: RetrainedNetwork = resolved(own.build)(config, layout, architecture, statistics)
        return network
    supernet = supernet_class(space)
    (path,) = supernet.paths(architecture)
    return SinglePathNetwork(supernet(layout, *statistics, only=path), path)


def count_madds(network: RetrainedNetwork, shape: tuple[int, int, int]) -> int:
    """Return the multiply-adds of a forward pass of one image, counted while it runs.

    Args:
        network: it is left in evaluation mode.
        shape: channels, height and width of an image.
    """
    images = torch.zeros(1, *shape, dtype=torch.uint8, device=network.mean.device)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network.eval()(images)
    # The counter takes a multiply-add for two operations.
    return int(counter.get_total_flops()) // 2


def count_parameters(network: RetrainedNetwork) -> tuple[int, int]:
    """Return the trainable parameters of what is used in evaluation, and of all."""
    every = sum(weight.numel() for weight in network.parameters())
    auxiliary = getattr(network, "auxiliary", None)
    extra = sum(w.numel() for w in auxiliary.parameters()) if auxiliary is not None else 0
    return every - extra, every
