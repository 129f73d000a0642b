"""Optimizer steps of a graph network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ctnas.app.torch_state import direct_calls

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
        self._optimizer: AnnealedOptimizer | SteadyOptimizer
        if config.decoupled:
            self._optimizer = AnnealedOptimizer(
                network, config.learning_rate, config.weight_decay, config.steps
            )
        else:
            self._optimizer = SteadyOptimizer(network, config.learning_rate, config.weight_decay)

    def step(self, *comparisons: Comparisons) -> float:
        """Take one step on the mean loss of all given comparisons; return that loss."""
        self._network.train()
        with direct_calls():
            loss = torch.cat([part.losses(self._network) for part in comparisons]).mean()
            self._optimizer.step(loss)
        return loss.item()

    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on, the network's weights among it."""
        return {"network": self._network.state_dict(), "optimizer": self._optimizer.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._network.load_state_dict(state["network"])
        self._optimizer.restore(state["optimizer"])


class SteadyOptimizer:
    """Adam with one learning rate.

    Args:
        module: what learns.
        learning_rate: of every step.
        weight_decay: added to the gradient.
    """

    def __init__(self, module: torch.nn.Module, learning_rate: float, weight_decay: float) -> None:
        self._module = module
        self._adam = torch.optim.Adam(
            module.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True
        )

    def step(self, loss: Tensor) -> None:
        """Take one step down the gradient of `loss`."""
        self._adam.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._module.parameters(), GRADIENT_LIMIT)
        self._adam.step()

    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on besides the weights."""
        return {"adam": self._adam.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._adam.load_state_dict(state["adam"])


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
            module.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=True
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

    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on besides the weights."""
        place = {"last_epoch": self._schedule.last_epoch}
        return {"adam": self._optimizer.state_dict(), "schedule": place}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._optimizer.load_state_dict(state["adam"])
        self._schedule.load_state_dict(state["schedule"])
