"""The comparator as it is deployed: only tables, products and a sigmoid, ready for export.

Buffers carry the names of `PairEncoder.fold`, so that a refresh replaces initializers by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ctnas.architecture import PADDING
from ctnas.comparator.encoders import gather, looped_adjacency, wiring

if TYPE_CHECKING:
    from collections.abc import Mapping


class DeployedEncoder(nn.Module):
    """`adjacency uint8 [N, V, V], operations int64 [N, V] -> logits [N, 2]`."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in weights.items():
            self.register_buffer(name, tensor.detach().clone().contiguous())

    def _get(self, name: str) -> Tensor:
        return self.get_buffer(name)

    def _look_up(self, table: str, operations: Tensor) -> Tensor:
        return functional.embedding(operations, self._get(table))


class DeployedGcn(DeployedEncoder):
    """Eq. 6-7 with the mean over nodes taken before the last linear map."""

    def forward(self, adjacency: Tensor, operations: Tensor) -> Tensor:
        """Return challenger and opponent logits [N, 2]."""
        live = (operations != PADDING).unsqueeze(-1).float()
        looped = looped_adjacency(adjacency.float())
        features = functional.relu(looped @ (self._look_up("table", operations) * live))
        # A sum and not a mean, which has another form from opset 18 on.
        shares = looped.sum(dim=1, keepdim=True) / looped.shape[1]
        pooled = (shares @ features).squeeze(1)
        return pooled @ self._get("head_weight") + self._get("head_bias")


class DeployedBidirectional(DeployedEncoder):
    """The bidirectional encoder with its first layer as a table."""

    def forward(self, adjacency: Tensor, operations: Tensor) -> Tensor:
        """Return challenger and opponent logits [N, 2]."""
        neighbors, readout = wiring(adjacency.float(), operations)
        features = self._normalize(
            0,
            self._look_up("embedding", operations),
            gather(neighbors, self._look_up("table", operations)),
        )
        layer = 1
        while hasattr(self, f"weight_{layer}"):
            messages = features @ self._get(f"weight_{layer}") + self._get(f"bias_{layer}")
            features = self._normalize(layer, features, gather(neighbors, messages))
            layer += 1
        pooled = (readout @ features).flatten(1)
        hidden = functional.relu(pooled @ self._get("hidden_weight") + self._get("hidden_bias"))
        return hidden @ self._get("head_weight")

    def _normalize(self, layer: int, features: Tensor, gathered: Tensor) -> Tensor:
        gain, shift = self._get(f"gain_{layer}"), self._get(f"shift_{layer}")
        residual = features + functional.relu(gathered)
        return functional.layer_norm(residual, gain.shape, gain, shift)


class RankerGraph(nn.Module):
    """`adjacency, operations -> challenger_logit [N], opponent_logit [N]`."""

    inputs: ClassVar = ("adjacency", "operations")
    outputs: ClassVar = ("challenger_logit", "opponent_logit")

    def __init__(self, encoder: DeployedEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, adjacency: Tensor, operations: Tensor) -> tuple[Tensor, Tensor]:
        """Encode each architecture once."""
        logits = self.encoder(adjacency, operations)
        return logits[:, 0], logits[:, 1]


class PairGraph(nn.Module):
    """`adjacency_a, operations_a, adjacency_b, operations_b -> probability [N]` (Eq. 6)."""

    inputs: ClassVar = ("adjacency_a", "operations_a", "adjacency_b", "operations_b")
    outputs: ClassVar = ("probability",)

    def __init__(self, encoder: DeployedEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(
        self, adjacency_a: Tensor, operations_a: Tensor, adjacency_b: Tensor, operations_b: Tensor
    ) -> Tensor:
        """Compare the architectures row by row."""
        challenger = self.encoder(adjacency_a, operations_a)[:, 0]
        opponent = self.encoder(adjacency_b, operations_b)[:, 1]
        return torch.sigmoid(challenger + opponent)


def deploy(kind: str, weights: Mapping[str, Tensor]) -> DeployedEncoder:
    """Return the deployed form of an encoder of that kind with folded weights."""
    return DeployedGcn(weights) if kind == "gcn" else DeployedBidirectional(weights)
