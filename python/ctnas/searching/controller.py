"""The controller: policy gradient on comparison probabilities (Eq. 4, Alg. 1 lines 9-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ctnas.app.torch_state import direct_calls, own_state
from ctnas.searching.policy import AutoregressivePolicy, PolicySample

if TYPE_CHECKING:
    from torch import Tensor

    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.searching.config import SearchConfig
    from ctnas.spaces import SearchSpace


FIRMNESS = 1.0
"""Weight of the entropy that is missing."""


class Controller:
    """Samples architectures and learns from their rewards.

    Args:
        space: the space to sample from.
        config: width, learning rate, decay of the average reward, entropy and its weight.
        seed: of initial weights and samples.
    """

    def __init__(self, space: SearchSpace, config: SearchConfig, seed: int) -> None:
        with own_state(seed):
            self.policy = AutoregressivePolicy(space, config.policy_width)
        self._optimizer = torch.optim.Adam(
            self.policy.parameters(), lr=config.policy_learning_rate, fused=True
        )
        self._generator = torch.Generator().manual_seed(seed)
        self._entropy_weight = config.entropy_weight
        uniform = float(np.log(space.choices.astype(np.float64)).sum())
        self._kept_entropy = config.kept_entropy * uniform
        self._decay = config.reward_decay
        self._average: float | None = None

    @direct_calls()
    def sample(self, count: int) -> PolicySample:
        """Draw architectures to learn from."""
        return self.policy.sample(count, self._generator)

    @direct_calls()
    def explore(self, count: int) -> ArchitectureBatch:
        """Draw architectures only to look at them."""
        return self.policy.draw(count, self._generator)

    @direct_calls()
    def update(self, sample: PolicySample, reward: Float64Array) -> float:
        """Take one policy gradient step.

        Args:
            sample: N architectures.
            reward: [N], their probabilities to beat the baseline.

        Returns:
            The mean entropy of the sample, in nats.
        """
        mean = float(reward.mean())
        average = mean if self._average is None else self._average
        self._average = self._decay * average + (1 - self._decay) * mean
        advantage = torch.from_numpy(reward - average).float()
        gain = (advantage * sample.log_probability + self._entropy_weight * sample.entropy).mean()
        self._optimizer.zero_grad()
        torch.autograd.backward(self._missing_entropy(sample) - gain)
        self._optimizer.step()
        return sample.entropy.mean().item()

    def _missing_entropy(self, sample: PolicySample) -> Tensor:
        """Return what the policy pays for having become too sure: 0 where it has not."""
        if not self._kept_entropy:
            return sample.entropy.new_zeros(())
        missing = (self._kept_entropy - sample.entropy.mean()).clamp_min(0)
        return FIRMNESS * missing.square() / self._kept_entropy

    def state(self) -> dict[str, Any]:
        """Return all that the next samples and updates depend on."""
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "generator": self._generator.get_state(),
            "average": self._average,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.policy.load_state_dict(state["policy"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._generator.set_state(state["generator"])
        self._average = state["average"]
