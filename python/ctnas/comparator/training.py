"""Optimizer steps of a graph network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from ctnas.comparator.comparisons import Comparisons
    from ctnas.comparator.encoders import PairNetwork
    from ctnas.comparator.presets import FitConfig

GRADIENT_LIMIT = 5.0
WARM_UP = 0.1
"""Share of the steps in which an annealed learning rate rises."""
SHORTEST_SCHEDULE = 20
"""Steps that a schedule has at least; a shorter fit ends before its learning rate is zero."""


class ComparatorTrainer:
    """Learns from comparisons by binary cross-entropy (section 4.1).

    Args:
        network: what learns.
        config: optimizer and schedule.
    """

    def __init__(self, network: PairNetwork, config: FitConfig) -> None:
        self._network = network
        if config.decoupled:
            self._step = AnnealedOptimizer(
                network, config.learning_rate, config.weight_decay, config.steps
            ).step
        else:
            self._adam = torch.optim.Adam(
                network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
            )
            self._step = self._plain_step

    def step(self, *comparisons: Comparisons) -> float:
        """Take one step on the mean loss of all given comparisons; return that loss."""
        self._network.train()
        loss = torch.cat([part.losses(self._network) for part in comparisons]).mean()
        self._step(loss)
        return loss.item()

    def _plain_step(self, loss: Tensor) -> None:
        self._adam.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), GRADIENT_LIMIT)
        self._adam.step()


class AnnealedOptimizer:
    """AdamW whose learning rate rises shortly and then falls to zero.

    Args:
        module: what learns.
        learning_rate: the peak.
        weight_decay: decoupled from the gradient.
        steps: number of steps until the learning rate is zero.
    """

    def __init__(
        self, module: torch.nn.Module, learning_rate: float, weight_decay: float, steps: int
    ) -> None:
        self._module = module
        self._optimizer = torch.optim.AdamW(
            module.parameters(), lr=learning_rate, weight_decay=weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer, learning_rate, max(steps, SHORTEST_SCHEDULE), pct_start=WARM_UP
        )

    def step(self, loss: Tensor) -> None:
        """Take one step down the gradient of `loss`."""
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._module.parameters(), GRADIENT_LIMIT)
        self._optimizer.step()
        self._schedule.step()
