"""A network that follows the data, node by node: what the core is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from ctnas.architecture import INPUT, OUTPUT, PADDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ctnas.architecture import GraphBatch


def flow_scores(arrays: Sequence[Tensor], shares: Tensor, graphs: GraphBatch) -> Tensor:
    """Return scores [N], given the learned arrays in the order of the core."""
    (rows, source, gate_weight, gate_bias, weight, bias, gain, shift, *readout) = arrays
    hidden_weight, hidden_bias, score_weight, score_bias = readout
    gates = torch.sigmoid(shares @ rows @ gate_weight + gate_bias)
    edges = torch.from_numpy(graphs.adjacency).to(rows.dtype)
    operations = torch.from_numpy(graphs.operations)
    starts = (operations == INPUT).to(rows.dtype)
    states: list[Tensor] = []
    alive: list[Tensor] = []
    for node in range(graphs.nodes):
        state = starts[:, node, None] * source
        reached = torch.zeros(len(graphs), dtype=torch.bool)
        if node:
            feeds = edges[:, :node, node]
            arriving = torch.einsum("ni,nid->nd", feeds, torch.stack(states, dim=1))
            reached = ((feeds > 0) & torch.stack(alive, dim=1)).any(dim=1)
            gated = gates[operations[:, node]] * (arriving @ weight + bias)
            summed = arriving + functional.relu(gated)
            normal = functional.layer_norm(summed, summed.shape[1:]) * gain + shift
            state = state + normal * reached[:, None]
        states.append(state)
        alive.append(reached | (starts[:, node] > 0))
    every = torch.stack(states, dim=1)
    output = ((operations == OUTPUT)[:, :, None] * every).sum(dim=1)
    live = ((operations != PADDING)[:, :, None] * every).sum(dim=1) * 0.25
    hidden = functional.relu(torch.cat([output, live], dim=1) @ hidden_weight + hidden_bias)
    scores: Tensor = (hidden @ score_weight.T + score_bias)[:, 0]
    return scores
