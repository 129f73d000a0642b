"""Graph networks that turn an architecture graph into its two logits.

Eq. 6 is linear in the concatenation of both features, so a comparison separates:
`p(i, j) = sigmoid(challenger_i + opponent_j)`. An encoder returns both halves, and its `fold`
gives the same function as plain arrays from which the deployed graph is built.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.app.torch_state import dropout, own_modes
from ctnas.architecture import OUTPUT, PADDING
from ctnas.comparator.embedding import OperationEmbedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.comparator.presets import EncoderConfig

NODES_SCALE = 0.25
"""Weight of the sum over nodes beside the output node: keeps both of one order of magnitude."""


class PairNetwork(nn.Module, ABC):
    """A network whose comparisons are separable."""

    @abstractmethod
    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """Encode graphs.

        Args:
            adjacency: float [N, V, V].
            operations: int64 [N, V].

        Returns:
            challenger logits [N] and opponent logits [N].
        """


class PairEncoder(PairNetwork):
    """A network that can be deployed."""

    @abstractmethod
    def fold(self) -> dict[str, Tensor]:
        """Return the weights of the deployed graph by name, tables and products worked out."""


class GcnEncoder(PairEncoder):
    """Eq. 6-7: two graph convolutions, mean over the nodes, one linear map on the concatenation.

    Args:
        vocabulary: number of operation ids.
        width: number of features d of a node.
    """

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.empty(vocabulary, width))  # W0
        self.second = nn.Parameter(torch.empty(width, width))  # W1
        self.head = nn.Linear(2 * width, 1)  # W_FC
        nn.init.xavier_uniform_(self.first)
        nn.init.xavier_uniform_(self.second)

    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """See PairNetwork."""
        live = (operations != PADDING).unsqueeze(-1).float()
        looped = looped_adjacency(adjacency)
        features = functional.relu(looped @ (functional.embedding(operations, self.first) * live))
        pooled = (looped @ features @ self.second).mean(dim=1)
        weight = self.head.weight[0]
        width = pooled.shape[1]
        challenger = pooled @ weight[:width] + self.head.bias
        return challenger, pooled @ weight[width:]

    @own_modes()
    def fold(self) -> dict[str, Tensor]:
        """See PairEncoder; the second convolution commutes with the mean and joins the head."""
        halves = self.head.weight[0].reshape(2, -1).T  # [d, 2]
        return {
            "table": self.first.clone(),
            "head_weight": self.second @ halves,
            "head_bias": torch.cat([self.head.bias, torch.zeros_like(self.head.bias)]),
        }


def looped_adjacency(adjacency: Tensor) -> Tensor:
    """Return the adjacency with self loops: a node's own features are part of A X in Eq. 7.

    Args:
        adjacency: float [N, V, V].
    """
    return adjacency + torch.eye(adjacency.shape[1], dtype=adjacency.dtype, device="cpu")


class BidirectionalEncoder(PairEncoder):
    """Residual graph convolutions that treat successors, predecessors and the node itself apart.

    Read-out is the output node beside the sum over all nodes, followed by a hidden layer and a
    score s: the challenger logit is s, the opponent logit is -s, so that p(i, j) + p(j, i) = 1.

    Args:
        vocabulary: names of the operation ids.
        config: width, layers, dropout.
    """

    def __init__(self, vocabulary: Sequence[str], config: EncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.embedding = OperationEmbedding(vocabulary, width, deviation=0.5)
        self.convolutions = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(config.layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(config.layers))
        self.hidden = nn.Linear(2 * width, width)
        self.score = nn.Linear(width, 1, bias=False)
        self.dropout = config.dropout

    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """See PairNetwork."""
        neighbors, readout = wiring(adjacency, operations)
        features = functional.embedding(operations, self.embedding.table())
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            message = functional.relu(gather(neighbors, convolution(features)))
            features = norm(features + self._drop(message))
        pooled = (readout @ features).flatten(1)
        hidden = self._drop(functional.relu(self.hidden(pooled)))
        score = self.score(hidden).squeeze(1)
        return score, -score

    def _drop(self, features: Tensor) -> Tensor:
        """Drop features [N, ..., d] of whole graphs: all nodes of one lose the same ones."""
        if not self.training or self.dropout == 0:
            return features
        kept = features.new_ones(len(features), *[1] * (features.ndim - 2), features.shape[-1])
        return features * dropout(kept, self.dropout)

    @own_modes()
    def fold(self) -> dict[str, Tensor]:
        """See PairEncoder; the first layer on an embedding is a table of the vocabulary."""
        first, embedding = self.convolutions[0], self.embedding.table()
        weights = {"embedding": embedding, "table": first(embedding)}
        for index, convolution in enumerate(self.convolutions):
            if index:
                weights[f"weight_{index}"] = convolution.weight.T
                weights[f"bias_{index}"] = convolution.bias
            weights[f"gain_{index}"] = self.norms[index].weight
            weights[f"shift_{index}"] = self.norms[index].bias
        weights["hidden_weight"] = self.hidden.weight.T
        weights["hidden_bias"] = self.hidden.bias
        weights["head_weight"] = torch.cat([self.score.weight, -self.score.weight]).T
        return weights


def wiring(adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a bidirectional encoder multiplies node features with.

    Args:
        adjacency: float [N, V, V].
        operations: int64 [N, V].

    Returns:
        neighbors [N, V, 3V]: column 3j + k selects node j itself (k = 0), as successor (1) or as
        predecessor (2); readout [N, 2, V]: the output node, and the scaled sum of live nodes.
    """
    nodes = adjacency.shape[1]
    itself = torch.eye(nodes, dtype=adjacency.dtype, device="cpu").expand_as(adjacency)
    stacked = torch.stack([itself, adjacency, adjacency.transpose(1, 2)], dim=3)
    live = (operations != PADDING).to(adjacency.dtype) * NODES_SCALE
    readout = torch.stack([(operations == OUTPUT).to(adjacency.dtype), live], dim=1)
    return stacked.reshape(-1, nodes, 3 * nodes), readout


def gather(neighbors: Tensor, messages: Tensor) -> Tensor:
    """Sum messages [N, V, 3d] of each node over its neighbors, in one product."""
    count, nodes, triple = messages.shape
    return neighbors @ messages.reshape(count, 3 * nodes, triple // 3)


def make_encoder(vocabulary: Sequence[str], config: EncoderConfig) -> PairEncoder:
    """Return the encoder that `config` describes, freshly initialized."""
    if config.kind == "gcn":
        return GcnEncoder(len(vocabulary), config.width)
    return BidirectionalEncoder(vocabulary, config)
