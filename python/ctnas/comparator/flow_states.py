"""The states of a flow network's nodes, with a backward pass of its own.

Nodes wait for one another, so a step is many small operations. Autograd would copy all earlier
states for every node and keep a record of each operation; here states stand in one buffer, and the
gradients of all weights are products over all nodes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from typing import Any

    from torch import Tensor

NORM_EPSILON = 1e-5


class FlowWeights(NamedTuple):
    """What K networks transform data with; d features.

    Attributes:
        source: [K, 1, d], state of an input.
        gates: [K, O, d], for each operation.
        weight: [K, d, d] of the transformation.
        bias: [K, 1, d] of it.
        gain: [K, 1, d] of the normalization.
        shift: [K, 1, d] of it.
    """

    source: Tensor
    gates: Tensor
    weight: Tensor
    bias: Tensor
    gain: Tensor
    shift: Tensor


class FlowGraphs(NamedTuple):
    """N graphs of V nodes in topological order.

    Attributes:
        outgoing: float [N, V, V]; `outgoing[n, i, j]` = 1 where i feeds j, i < j.
        incoming: its transpose.
        operations: int64 [N, V].
        starts: float [N, V], 1 at inputs.
        reached: float [N, V], 1 where something arrives from an input.
    """

    outgoing: Tensor
    incoming: Tensor
    operations: Tensor
    starts: Tensor
    reached: Tensor

    @classmethod
    def of(cls, adjacency: Tensor, operations: Tensor, starts: Tensor) -> FlowGraphs:
        """Take adjacency float [N, V, V], operations int64 [N, V] and inputs float [N, V]."""
        incoming = adjacency.transpose(1, 2).contiguous()
        fed = torch.zeros_like(starts)
        for node in range(1, fed.shape[1]):
            live = (starts[:, :node] + fed[:, :node]) > 0
            fed[:, node] = (incoming[:, node, :node] * live).amax(dim=1)
        return cls(adjacency, incoming, operations, starts, fed)


def flow_states(weights: FlowWeights, graphs: FlowGraphs, kept: Tensor) -> Tensor:
    """Return the states of all nodes.

    A node's state is `norm(a + relu(gate * (a W + b)))` for the sum a of the states that feed it,
    times `kept`; the state of an input is `source`.

    Args:
        weights: of K networks.
        graphs: N graphs.
        kept: [K, N, d], what is left of the features of a graph.

    Returns:
        [N, V, K, d]; gradients flow to the weights.
    """
    states: Tensor = _FlowStates.apply(graphs, kept, *weights)
    return states


class _Tape:
    """What the backward pass needs of every node; node 0 has no predecessors.

    Attributes:
        arriving: [V, K, N, d].
        transformed: [V, K, N, d], before the gate.
        gates: [V, K, N, d].
        summed: [V, K, N, d], before the normalization.
        mean: [V, K, N, 1] of it.
        inverse: [V, K, N, 1], reciprocal of its deviation.
    """

    def __init__(self, weights: FlowWeights, graphs: FlowGraphs) -> None:
        count, nodes = graphs.operations.shape
        members, operations, width = weights.gates.shape
        shape = (nodes, members, count, width)
        self.arriving, self.transformed, self.summed = (
            weights.weight.new_zeros(shape) for _ in range(3)
        )
        self.mean, self.inverse = (weights.weight.new_zeros(*shape[:3], 1) for _ in range(2))
        # Row k O + o of the flattened table is the gate of operation o in network k.
        self.rows = graphs.operations.T[:, None, :] + operations * torch.arange(members)[:, None]
        table = weights.gates.reshape(-1, width)
        self.gates = table.index_select(0, self.rows.flatten()).view(shape)


class _FlowStates(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, graphs: FlowGraphs, kept: Tensor, *parameters: Tensor) -> Tensor:
        weights = FlowWeights(*parameters)
        tape = _Tape(weights, graphs)
        members, count, width = kept.shape
        nodes = graphs.operations.shape[1]
        states = kept.new_zeros(count, nodes, members, width)
        flat = states.view(count, nodes, members * width)
        for node in range(nodes):
            state = graphs.starts[:, node, None] * weights.source
            if node:
                arriving = torch.bmm(graphs.incoming[:, [node], :node], flat[:, :node])
                state = state + _leaving(weights, graphs, tape, node, arriving)
            states[:, node] = (state * kept).transpose(0, 1)
        ctx.graphs, ctx.kept, ctx.weights, ctx.tape = graphs, kept, weights, tape
        return states

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        graphs, kept, weights, tape = ctx.graphs, ctx.kept, ctx.weights, ctx.tape
        members, count, width = kept.shape
        nodes = graphs.operations.shape[1]
        states = gradients[0]
        # Gradients with respect to what arrives, and to a node's normalized, gated and transformed
        # features.
        arriving = torch.zeros_like(states, memory_format=torch.contiguous_format)
        flat = arriving.view(count, nodes, members * width)
        outputs, gates, linear = (torch.zeros_like(tape.arriving) for _ in range(3))
        for node in reversed(range(nodes)):
            gradient = states[:, node]
            if node + 1 < nodes:
                later = torch.bmm(graphs.outgoing[:, [node], node + 1 :], flat[:, node + 1 :])
                gradient = gradient + later.view_as(gradient)
            outputs[node] = gradient.transpose(0, 1) * kept
            if node:
                summed = _norm_backward(weights, graphs, tape, node, outputs[node])
                gated = summed * (tape.gates[node] * tape.transformed[node] > 0)
                gates[node] = gated * tape.transformed[node]
                linear[node] = gated * tape.gates[node]
                before = torch.baddbmm(summed, linear[node], weights.weight.transpose(1, 2))
                arriving[:, node] = before.transpose(0, 1)
        return None, None, *_weight_gradients(weights, graphs, tape, outputs, gates, linear)


def _leaving(
    weights: FlowWeights, graphs: FlowGraphs, tape: _Tape, node: int, arriving: Tensor
) -> Tensor:
    """Return what leaves a node [K, N, d], zero where nothing arrives."""
    members, _, width = weights.gates.shape
    tape.arriving[node] = arriving.view(-1, members, width).transpose(0, 1)
    arriving = tape.arriving[node]
    tape.transformed[node] = torch.baddbmm(weights.bias, arriving, weights.weight)
    summed = arriving + functional.relu(tape.gates[node] * tape.transformed[node])
    normal, mean, inverse = torch.native_layer_norm(
        summed, summed.shape[2:], None, None, NORM_EPSILON
    )
    tape.summed[node], tape.mean[node], tape.inverse[node] = summed, mean, inverse
    leaving: Tensor = (normal * weights.gain + weights.shift) * graphs.reached[:, node, None]
    return leaving


def _norm_backward(
    weights: FlowWeights, graphs: FlowGraphs, tape: _Tape, node: int, output: Tensor
) -> Tensor:
    """Return the gradient of what a node normalizes, [K, N, d]."""
    gradient: Tensor = torch.ops.aten.native_layer_norm_backward(
        output * graphs.reached[:, node, None] * weights.gain,
        tape.summed[node],
        output.shape[2:],
        tape.mean[node],
        tape.inverse[node],
        None,
        None,
        (True, False, False),
    )[0]
    return gradient


def _weight_gradients(
    weights: FlowWeights,
    graphs: FlowGraphs,
    tape: _Tape,
    outputs: Tensor,
    gates: Tensor,
    linear: Tensor,
) -> tuple[Tensor, ...]:
    """Return the gradients in the order of `FlowWeights`, summed over all nodes at once."""
    nodes, members, count, width = linear.shape
    by_member = (members, nodes * count, width)
    source = (outputs * graphs.starts.T[:, None, :, None]).sum(dim=(0, 2))[:, None]
    table = torch.zeros_like(weights.gates).view(-1, width)
    table.index_add_(0, tape.rows.flatten(), gates.view(-1, width))
    arriving = tape.arriving.transpose(0, 1).reshape(by_member)
    weight = torch.bmm(arriving.transpose(1, 2), linear.transpose(0, 1).reshape(by_member))
    bias = linear.sum(dim=(0, 2))[:, None]
    leaving = outputs * graphs.reached.T[:, None, :, None]
    normal = (tape.summed - tape.mean) * tape.inverse
    gain, shift = (leaving * normal).sum(dim=(0, 2))[:, None], leaving.sum(dim=(0, 2))[:, None]
    return source, table.view_as(weights.gates), weight, bias, gain, shift
