"""Batch normalization whose statistics belong to a path, not to the layer.

Shared weights see the features of many paths; statistics averaged over them fit none. Training
normalizes by the batch; an evaluation measures the statistics of the one path that it runs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_EPSILON = 1e-5
_MOMENTUM = 0.1


class BatchStatistics:
    """Mean and variance of every layer along one path.

    The first forward pass measures them on its leading images, layer after layer, and normalizes
    all of its images by them, so that calibrating and evaluating take one pass together. Later
    passes use what was measured.

    Args:
        calibration: number of leading images of the first pass that are measured.
    """

    def __init__(self, calibration: int) -> None:
        self._calibration = calibration
        self._known: dict[PathBatchNorm, tuple[Tensor, Tensor]] = {}

    def of(self, layer: PathBatchNorm, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and biased variance [C] of a layer; features [B, C, H, W] are its input."""
        known = self._known.get(layer)
        if known is None:
            measured = features[: self._calibration].detach()
            # With running statistics of None this is var_mean, many times faster on the CPU.
            known = torch.batch_norm_update_stats(measured, None, None, 0.0)
            self._known[layer] = known
        return known

    def measured(self, layer: PathBatchNorm) -> tuple[Tensor, Tensor]:
        """Return mean and biased variance [C] of a layer that the path has run.

        Raises:
            KeyError: if it has not.
        """
        return self._known[layer]


class PathBatchNorm(nn.Module):
    """Batch normalization over [B, C, H, W], without running statistics unless it tracks them.

    Fewer channels than there are weights use the first of these.

    Args:
        channels: C.
        affine: whether each channel is scaled and shifted afterwards.
    """

    weight: nn.Parameter | None
    bias: nn.Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None

    def __init__(self, channels: int, *, affine: bool = True) -> None:
        super().__init__()
        self._channels = channels
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None
        self.register_buffer("running_mean", None)
        self.register_buffer("running_var", None)

    def track(self) -> None:
        """Keep running statistics from now on, and normalize by them in evaluation.

        It is for a network of one architecture.
        """
        self.running_mean = torch.zeros(self._channels)
        self.running_var = torch.ones(self._channels)

    def fix(self, mean: Tensor, variance: Tensor) -> None:
        """Take statistics [C] that were measured elsewhere, and normalize by them in evaluation."""
        self.running_mean, self.running_var = mean.clone(), variance.clone()

    def forward(self, features: Tensor, statistics: BatchStatistics | None) -> Tensor:
        """Normalize by `statistics`; without them by the batch, or what it has tracked."""
        mean, variance = self.running_mean, self.running_var
        by_batch = mean is None or self.training
        if statistics is not None:
            (mean, variance), by_batch = statistics.of(self, features), False
        channels = features.shape[1]
        return functional.batch_norm(
            features,
            mean,
            variance,
            _first(self.weight, channels),
            _first(self.bias, channels),
            training=by_batch,
            momentum=_MOMENTUM,
            eps=_EPSILON,
        )


def track_statistics(network: nn.Module) -> None:
    """Let all batch normalization of a network keep running statistics."""
    for layer in network.modules():
        if isinstance(layer, PathBatchNorm):
            layer.track()


def _first(weights: Tensor | None, channels: int) -> Tensor | None:
    return weights if weights is None or len(weights) == channels else weights[:channels]
