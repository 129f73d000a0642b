"""Fit the comparator's graph network to other losses than comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.comparator.comparisons import GraphTensors
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import ComparatorPreset, EncoderConfig, comparator_preset
from ctnas.comparator.training import AnnealedOptimizer

if TYPE_CHECKING:
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

ScoreLoss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Takes scores [B] and standardized labels [B]; returns the mean loss."""

LEARNING_RATE = 3e-3
"""These losses are not bounded by a probability: with the comparator's rate some fits diverge."""


def fit_scores(
    space: SearchSpace,
    labels: LabelSet,
    loss: ScoreLoss,
    seed: int,
    preset: str | ComparatorPreset = "default",
) -> NeuralArchitectureComparator:
    """Fit the bidirectional graph network so that its score, the challenger logit, has low loss.

    Network, optimizer and number of steps are those with which comparisons are learned; the
    learning rate is lower.

    Args:
        space: the space of the labels.
        labels: at least 10 labels.
        loss: of a step's scores.
        seed: of initial weights, dropout and draws.
        preset: whose number of steps is taken.

    Raises:
        LabelError: if there are less than 10 labels.
    """
    space.check(labels.architectures)
    labels.require()
    config = comparator_preset(preset).fit.for_labels(len(labels))
    values = torch.from_numpy(labels.values)
    deviation = values.std(correction=0)
    target = ((values - values.mean()) / torch.where(deviation > 0, deviation, 1.0)).float()
    tensors = GraphTensors.of(space.graphs(labels.architectures))
    generator = torch.Generator().manual_seed(seed)
    with own_state(seed), one_thread():
        predictor = NeuralArchitectureComparator(space, EncoderConfig())
        encoder = predictor.encoder
        optimizer = AnnealedOptimizer(encoder, LEARNING_RATE, config.weight_decay, config.steps)
        encoder.train()
        for _ in range(config.steps):
            rows = torch.randperm(len(labels), generator=generator)[: config.architectures]
            batch = tensors[rows]
            score = encoder(batch.adjacency, batch.operations)[0]
            optimizer.step(loss(score, target[rows]))
        encoder.eval()
    predictor.label_count, predictor.metric = len(labels), labels.metric
    return predictor


def squared_error(score: Tensor, target: Tensor) -> Tensor:
    """Return the L2 loss of absolute predictions."""
    return functional.mse_loss(score, target)


def pairwise_hinge(score: Tensor, target: Tensor, margin: float = 1.0) -> Tensor:
    """Return the mean of `max(0, margin - (s_i - s_j))` over all pairs with `y_i > y_j`."""
    better = target[:, None] > target[None, :]
    difference = score[:, None] - score[None, :]
    missing = functional.relu(margin - difference) * better
    return missing.sum() / better.sum().clamp_min(1)
