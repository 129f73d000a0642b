"""Sort the channels inside layers by importance, so that narrow layers keep those that matter."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces.mobilenetv3.layers import ElasticLayer, ElasticSqueeze
    from ctnas.spaces.mobilenetv3.network import MobileNetV3Supernet


def sort_channels(supernet: MobileNetV3Supernet, trained: Sequence[int]) -> None:
    """Sort the inner channels of all layers, the most important first.

    A channel is as important as the L1 norm of the weights by which the projection reads it.
    Layers of the widths that were trained before keep their channels: they compute what they did.

    Args:
        supernet: its weights are sorted in place.
        trained: expansions that were trained, the largest among them.
    """
    with torch.no_grad():
        for layer in supernet.elastic_layers:
            widths = [0, *sorted(layer.shape.hidden(expansion) for expansion in trained)]
            importance = layer.project.weight.abs().sum(dim=0)
            _reorder(layer, _order(importance, widths))
            if layer.squeeze is not None and len(trained) == 1:
                _sort_squeezed(layer.squeeze)


def _order(importance: Tensor, widths: Sequence[int]) -> Tensor:
    """Return the channels by falling importance, each within the widths that it belongs to."""
    groups = [
        start + importance[start:stop].argsort(descending=True, stable=True)
        for start, stop in pairwise(widths)
    ]
    return torch.cat(groups)


def _reorder(layer: ElasticLayer, order: Tensor) -> None:
    rows: list[Tensor] = [layer.expand.weight, layer.depthwise.weight]
    for norm in (layer.expand_norm, layer.depthwise_norm):
        rows += [weight for weight in (norm.weight, norm.bias) if weight is not None]
    columns: list[Tensor] = [layer.project.weight]
    if layer.squeeze is not None:
        rows += [layer.squeeze.expand.weight, layer.squeeze.expand.bias]
        columns.append(layer.squeeze.reduce.weight)
    for weight in rows:
        weight.copy_(weight[order])
    for weight in columns:
        weight.copy_(weight[:, order])


def _sort_squeezed(squeeze: ElasticSqueeze) -> None:
    """Sort the channels inside a squeeze-and-excitation block in the same way."""
    order = squeeze.expand.weight.abs().sum(dim=0).argsort(descending=True, stable=True)
    squeeze.reduce.weight.copy_(squeeze.reduce.weight[order])
    squeeze.reduce.bias.copy_(squeeze.reduce.bias[order])
    squeeze.expand.weight.copy_(squeeze.expand.weight[:, order])
