"""Networks that follow the data from the input of an architecture to its output.

Each operation transforms what flows into it, so that a node's state stands for what is computed
there. Learned from few labels, that carries further than convolutions do. Nodes wait for one
another, which makes it slow: these networks teach the comparator that is exported.

Source: Ning et al., "A Generic Graph-based Neural Architecture Encoding Scheme for Predictor-based
NAS", ECCV 2020, whose gates these are; residual states, normalization and read-out differ.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from ctnas.architecture import INPUT, OUTPUT, PADDING
from ctnas.comparator.embedding import OperationEmbedding
from ctnas.comparator.encoders import NODES_SCALE, PairNetwork
from ctnas.comparator.flow_states import FlowGraphs, FlowWeights, flow_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ctnas.comparator.presets import FlowConfig


class FlowNetworks(PairNetwork):
    """Several networks of one shape that share nothing but the graphs they look at.

    Their small matrices are multiplied together: K networks take little longer than one. The
    challenger logit of each is a score s, the opponent logit is -s.

    Args:
        vocabulary: names of the operation ids.
        config: width and dropout.
        members: K, number of networks.
    """

    def __init__(self, vocabulary: Sequence[str], config: FlowConfig, members: int) -> None:
        super().__init__()
        width = config.width
        self.source = nn.Parameter(torch.randn(members, 1, width))
        self.embedding = OperationEmbedding(vocabulary, width, deviation=1.0, members=members)
        self.gate = MemberLinear(members, width, width)
        self.transform = MemberLinear(members, width, width)
        self.gain = nn.Parameter(torch.ones(members, 1, width))
        self.shift = nn.Parameter(torch.zeros(members, 1, width))
        self.hidden = MemberLinear(members, 2 * width, width)
        self.score = MemberLinear(members, width, 1)
        self.dropout = config.dropout

    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """Encode graphs.

        Args:
            adjacency: float [N, V, V].
            operations: int64 [N, V].

        Returns:
            challenger logits [K, N] and opponent logits [K, N].
        """
        states = self._states(adjacency, operations)
        live = (operations != PADDING).to(states.dtype) * NODES_SCALE
        readout = torch.stack([(operations == OUTPUT).to(states.dtype), live], dim=1)
        members, width = states.shape[2:]
        pooled = (readout @ states.flatten(2)).view(-1, 2, members, width)
        features = pooled.permute(2, 0, 1, 3).flatten(2)
        hidden = functional.relu(self.hidden(features))
        hidden = functional.dropout(hidden, self.dropout, self.training)
        score = self.score(hidden).squeeze(2)
        return score, -score

    def _states(self, adjacency: Tensor, operations: Tensor) -> Tensor:
        """Return the states of all nodes, [N, V, K, d]; they stand in topological order."""
        members, _, width = self.source.shape
        weights = FlowWeights(
            self.source,
            torch.sigmoid(self.gate(self.embedding.table())),
            self.transform.weight,
            self.transform.bias,
            self.gain,
            self.shift,
        )
        starts = (operations == INPUT).to(self.source.dtype)
        graphs = FlowGraphs.of(adjacency.to(self.source.dtype), operations, starts)
        # All nodes of an architecture lose the same features.
        kept = self.source.new_ones(members, len(operations), width)
        kept = functional.dropout(kept, self.dropout, self.training)
        return flow_states(weights, graphs, kept)


class MemberLinear(nn.Module):
    """An affine map of each of K networks.

    Args:
        members: K.
        inputs: number of features that come in.
        outputs: number of features that go out.
    """

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = 1 / sqrt(inputs)
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(members, 1, outputs).uniform_(-bound, bound))

    def forward(self, features: Tensor) -> Tensor:
        """Map [K, N, inputs] to [K, N, outputs]."""
        return torch.baddbmm(self.bias, features, self.weight)
