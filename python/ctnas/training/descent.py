"""Stochastic gradient descent: one step over the parts of a batch."""

from __future__ import annotations

from math import cos, isfinite, pi
from typing import TYPE_CHECKING

import torch

from ctnas.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightning_fabric import Fabric
    from torch import Tensor, nn

    Loss = Callable[[], Tensor]


def cosine(start: float, end: float, steps: int) -> Callable[[int], float]:
    """Return learning rates that fall from `start` to `end` along a cosine."""
    return lambda step: end + (start - end) * (1 + cos(pi * step / steps)) / 2


def exponential(start: float, end: float, steps: int) -> Callable[[int], float]:
    """Return learning rates that fall from `start` to `end` by a constant factor."""
    return lambda step: start * (end / start) ** (step / steps)


class Descent:
    """Steps of stochastic gradient descent on any number of devices.

    Args:
        fabric: the devices.
        network: the weights; `network` is then the module to call.
        optimizer: of these weights.
        learning_rate: of each step, counted from 0.
        steps: how many there will be.
        gradient_clip: largest norm of a step's gradient.

    Attributes:
        network: the module whose forward pass the devices share.
    """

    def __init__(
        self,
        fabric: Fabric,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        learning_rate: Callable[[int], float],
        steps: int,
        gradient_clip: float,
    ) -> None:
        self._fabric, self._learning_rate = fabric, learning_rate
        self._steps, self._clip = steps, gradient_clip
        self.network, self._optimizer = fabric.setup(network, optimizer)

    def step(self, number: int, losses: Sequence[Loss], parts: int) -> float:
        """Update the weights once.

        Args:
            number: of the step, counted from 0.
            losses: compute what is added up; each runs a forward pass.
            parts: how many of them make up one loss: their gradients are averaged.

        Returns:
            The mean loss before the step.

        Raises:
            TrainingError: if it is not finite; the weights are as they were.
        """
        rate = self._learning_rate(number)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), dtype=torch.float32, device=self._fabric.device)
        for place, compute in enumerate(losses, start=1):
            unfinished = place < len(losses)
            with self._fabric.no_backward_sync(self.network, enabled=unfinished):
                loss = compute()
                self._fabric.backward(loss / parts)
            total += loss.detach()
        mean = self._mean_over_devices(total / len(losses))
        if not isfinite(mean):
            raise TrainingError(
                f"the loss is {mean} at step {number + 1} of {self._steps}; "
                f"a learning rate below {max(rate, self._learning_rate(0)):g} may help"
            )
        self._fabric.clip_gradients(
            self.network, self._optimizer, max_norm=self._clip, error_if_nonfinite=False
        )
        self._optimizer.step()
        return mean

    def _mean_over_devices(self, loss: Tensor) -> float:
        if self._fabric.world_size > 1:
            reduced = self._fabric.all_reduce(loss, reduce_op="mean")
            assert isinstance(reduced, torch.Tensor)
            loss = reduced
        return float(loss)
