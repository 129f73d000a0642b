"""Comparisons to learn from: which architectures meet, and which of them should win."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ctnas.comparator.noise import assumed_noise

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch
    from ctnas.comparator.encoders import PairNetwork
    from ctnas.comparator.presets import FitConfig
    from ctnas.labels import LabelSet


class GraphTensors:
    """Graphs as an encoder takes them: adjacency float [N, V, V], operations int64 [N, V]."""

    def __init__(self, adjacency: Tensor, operations: Tensor) -> None:
        self.adjacency, self.operations = adjacency, operations

    @classmethod
    def of(cls, graphs: GraphBatch) -> GraphTensors:
        """Convert N graphs."""
        adjacency = torch.from_numpy(graphs.adjacency).float()
        return cls(adjacency, torch.from_numpy(graphs.operations))

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, rows: Tensor) -> GraphTensors:
        return GraphTensors(self.adjacency[rows], self.operations[rows])


class Comparisons(ABC):
    """Some architectures and the results of comparing them."""

    @abstractmethod
    def losses(self, network: PairNetwork) -> Tensor:
        """Return the binary cross-entropy of every comparison, one-dimensional (section 4.1)."""


class Pairs(Comparisons):
    """Chosen pairs out of N architectures.

    Args:
        graphs: N architectures.
        first: int64 [P], rows of the challengers.
        second: int64 [P], rows of the opponents.
        target: float [P], probability that the first one is better.
    """

    def __init__(self, graphs: GraphTensors, first: Tensor, second: Tensor, target: Tensor) -> None:
        self.graphs, self.first, self.second, self.target = graphs, first, second, target

    def losses(self, network: PairNetwork) -> Tensor:
        """Return [P], for each network if there are several; each graph is encoded once."""
        challenger, opponent = network(self.graphs.adjacency, self.graphs.operations)
        # Indexing by brackets adds gradients up in the order of the threads.
        logits = challenger.index_select(-1, self.first) + opponent.index_select(-1, self.second)
        return _cross_entropy(logits, self.target).flatten()


class AllPairs(Comparisons):
    """Every ordered pair of N architectures, from the outer sum of their logits.

    Args:
        graphs: N architectures.
        target: float [N, N], probability that the row is better than the column.
    """

    def __init__(self, graphs: GraphTensors, target: Tensor) -> None:
        self.graphs, self.target = graphs, target

    def losses(self, network: PairNetwork) -> Tensor:
        """Return [N (N - 1)], for each network if there are several; none meets itself."""
        challenger, opponent = network(self.graphs.adjacency, self.graphs.operations)
        losses = _cross_entropy(challenger[..., :, None] + opponent[..., None, :], self.target)
        # Without the diagonal, rows of N + 1 end in a diagonal entry each.
        count = losses.shape[-1]
        beside = losses.reshape(-1, count * count)[:, 1:].view(-1, count - 1, count + 1)
        return beside[:, :, :-1].flatten()


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        logits, target.expand_as(logits), reduction="none"
    )


class LabeledComparisons:
    """Draws the comparisons of a step from labeled architectures.

    Args:
        labels: M labels.
        config: `pairs` at random, or all among `architectures` at a time.
        seed: of the draws.

    Attributes:
        generator: draws; its state is that of the draws.
    """

    def __init__(self, labels: LabelSet, config: FitConfig, seed: int) -> None:
        self._graphs = GraphTensors.of(labels.space.graphs(labels.architectures))
        self._values = torch.from_numpy(labels.values)
        self._noise = assumed_noise(labels, config)
        self._pairs, self._architectures = config.pairs, config.architectures
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self) -> Comparisons:
        """Return the comparisons of the next step."""
        count = len(self._graphs)
        if self._pairs is None:
            rows = torch.randperm(count, generator=self.generator)[: self._architectures]
            values = self._values[rows]
            difference = values[:, None] - values[None, :]
            return AllPairs(self._graphs[rows], comparison_target(difference, self._noise))
        first, second = random_pairs(count, self._pairs, self.generator)
        target = comparison_target(self._values[first] - self._values[second], self._noise)
        return Pairs(self._graphs, first, second, target)


def comparison_target(difference: Tensor, noise: float) -> Tensor:
    """Return the probability that the first of two labels is truly the higher one.

    Args:
        difference: first label minus second.
        noise: standard deviation of the noise of each; 0 gives `1{difference >= 0}`.
    """
    if noise == 0:
        return (difference >= 0).float()
    # The difference of two noisy labels has the variance of both.
    target: Tensor = torch.special.ndtr(difference / (noise * np.sqrt(2)))
    return target.float()


def random_pairs(count: int, pairs: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw pairs of different rows out of `count`, uniformly."""
    first = torch.randint(count, (pairs,), generator=generator)
    offset = torch.randint(1, count, (pairs,), generator=generator)
    return first, (first + offset) % count
