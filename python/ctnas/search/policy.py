"""The policy pi(alpha; theta) over a space's decisions (Eq. 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class PolicySample:
    """Architectures drawn from the policy.

    Attributes:
        architectures: N architectures.
        log_probability: [N], of each, differentiable.
        entropy: [N], summed over the decisions on each one's path, differentiable.
    """

    architectures: ArchitectureBatch
    log_probability: Tensor
    entropy: Tensor


class AutoregressivePolicy(nn.Module):
    """A recurrent policy that takes one decision after another.

    It knows nothing of a space but its list of decisions. Before training it is uniform.

    Args:
        space: the space whose decisions are taken.
        width: number of features of the recurrent state.
    """

    def __init__(self, space: SearchSpace, width: int) -> None:
        super().__init__()
        self._space_name = space.name
        self._choices = [int(count) for count in space.choices]
        total = sum(self._choices)
        self.start = nn.Parameter(torch.zeros(width))
        self.embedding = nn.Parameter(torch.randn(total, width) / width**0.5)
        self.cell = nn.LSTMCell(width, width)
        self.heads = nn.Parameter(torch.zeros(total, width))
        self.biases = nn.Parameter(torch.zeros(total))

    def sample(self, count: int, generator: torch.Generator) -> PolicySample:
        """Draw `count` architectures; repetitions are possible."""
        state = self.start.new_zeros(count, len(self.start))
        memory = state
        step_input = self.start.expand(count, -1)
        log_probability, entropy = self.start.new_zeros(count), self.start.new_zeros(count)
        taken = []
        offset = 0
        for choices in self._choices:
            state, memory = self.cell(step_input, (state, memory))
            rows = slice(offset, offset + choices)
            logits = torch.log_softmax(state @ self.heads[rows].T + self.biases[rows], dim=1)
            choice = _draw(logits, generator)
            log_probability = log_probability + logits.gather(1, choice[:, None]).squeeze(1)
            entropy = entropy - (logits.exp() * logits).sum(dim=1)
            step_input = functional.embedding(offset + choice, self.embedding)
            taken.append(choice)
            offset += choices
        decisions = torch.stack(taken, dim=1).numpy().astype(np.int16)
        batch = ArchitectureBatch(self._space_name, decisions)
        return PolicySample(batch, log_probability, entropy)


def _draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    """Draw one choice a row by the Gumbel-max trick."""
    uniform = torch.rand(logits.shape, generator=generator).clamp_min(1e-20)
    return (logits.detach() - (-uniform.log()).log()).argmax(dim=1)
