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
        self.recurrence = nn.LSTM(width, width, batch_first=True)
        self.heads = nn.Parameter(torch.zeros(total, width))
        self.biases = nn.Parameter(torch.zeros(total))
        self._offsets = torch.tensor([0, *self._choices[:-1]]).cumsum(0)
        # Which rows of the heads belong to a decision; a row of those with fewer choices repeats.
        column = torch.arange(max(self._choices))
        counts = torch.tensor(self._choices)[:, None]
        self._rows = self._offsets[:, None] + torch.minimum(column, counts - 1)
        self._is_missing = column >= counts

    def sample(self, count: int, generator: torch.Generator) -> PolicySample:
        """Draw `count` architectures; repetitions are possible."""
        architectures = self.draw(count, generator)
        log_probability, entropy = self._evaluate(torch.from_numpy(architectures.decisions))
        return PolicySample(architectures, log_probability, entropy)

    @torch.no_grad()
    def draw(self, count: int, generator: torch.Generator) -> ArchitectureBatch:
        """Draw `count` architectures only to look at them."""
        shape = (count, len(self.biases))
        uniform = torch.rand(shape, generator=generator, dtype=torch.float32).clamp_min(1e-20)
        # One choice a row by the Gumbel-max trick.
        noise = self.biases - (-uniform.log()).log()
        recurrence = dict(self.recurrence.named_parameters())
        # What the start, and then every choice, adds to the gates of the next step.
        biases = recurrence["bias_ih_l0"] + recurrence["bias_hh_l0"]
        inputs = torch.cat([self.embedding, self.start[None]])
        given = torch.addmm(biases, inputs, recurrence["weight_ih_l0"].T)
        recurrent, heads = recurrence["weight_hh_l0"].T, self.heads.T
        state = memory = self.start.new_zeros(count, len(self.start))
        taken = [torch.full((count,), len(self.embedding))]
        for offset, choices in zip(self._offsets.tolist(), self._choices, strict=True):
            gates = torch.addmm(given[taken[-1]], state, recurrent)
            state, memory = _lstm_step(gates, memory)
            rows = slice(offset, offset + choices)
            taken.append(offset + torch.addmm(noise[:, rows], state, heads[:, rows]).argmax(dim=1))
        decisions = torch.stack(taken[1:], dim=1) - self._offsets
        return ArchitectureBatch(self._space_name, decisions.numpy().astype(np.int16))

    def _evaluate(self, decisions: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-probability and the entropy of each of N rows of decisions, [N]."""
        count = len(decisions)
        taken = self._offsets + decisions.long()
        before = functional.embedding(taken[:, :-1], self.embedding)
        inputs = torch.cat([self.start.expand(count, 1, -1), before], dim=1)
        states = self.recurrence(inputs)[0]
        heads = functional.embedding(self._rows, self.heads)
        biases = self.biases.index_select(0, self._rows.flatten()).view(self._rows.shape)
        logits = torch.einsum("ntw,tcw->ntc", states, heads) + biases
        # Finite, so that probability 0 times its logarithm is 0.
        logits = torch.log_softmax(logits.masked_fill(self._is_missing, -1e30), dim=2)
        chosen = logits.gather(2, decisions.long()[:, :, None])
        return chosen.sum(dim=(1, 2)), -(logits.exp() * logits).sum(dim=(1, 2))


def _lstm_step(gates: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next state and memory, as in `torch.nn.LSTM`."""
    entering, forgotten, candidate, shown = gates.chunk(4, dim=1)
    memory = torch.addcmul(forgotten.sigmoid() * memory, entering.sigmoid(), candidate.tanh())
    return shown.sigmoid() * memory.tanh(), memory
