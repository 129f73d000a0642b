"""The backward pass of the flow networks, against finite differences."""

import pytest
import torch
from torch import Tensor

from ctnas.architecture import INPUT
from ctnas.comparator.flow_states import FlowGraphs, FlowWeights, flow_states
from ctnas.spaces import get_space

MEMBERS, WIDTH, COUNT = 2, 3, 4


@pytest.mark.parametrize("name", ["nasbench101", "nasbench201"])
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    space = get_space(name)
    graphs = space.graphs(space.sample(COUNT, seed=0))
    operations = torch.from_numpy(graphs.operations)
    adjacency = torch.from_numpy(graphs.adjacency).double()
    wired = FlowGraphs.of(adjacency, operations, (operations == INPUT).double())
    generator = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()

    weights = FlowWeights(
        source=drawn(MEMBERS, 1, WIDTH),
        gates=drawn(MEMBERS, len(space.vocabulary), WIDTH),
        weight=drawn(MEMBERS, WIDTH, WIDTH),
        bias=drawn(MEMBERS, 1, WIDTH),
        gain=drawn(MEMBERS, 1, WIDTH),
        shift=drawn(MEMBERS, 1, WIDTH),
    )
    kept = torch.rand(MEMBERS, COUNT, WIDTH, generator=generator, dtype=torch.float64)

    def states(*parameters: Tensor) -> Tensor:
        return flow_states(FlowWeights(*parameters), wired, kept)

    assert torch.autograd.gradcheck(states, tuple(weights))


def test_nodes_that_no_input_reaches_have_no_state() -> None:
    # Node 1 feeds the output, but nothing feeds node 1.
    adjacency = torch.zeros(1, 3, 3)
    adjacency[0, 0, 2] = adjacency[0, 1, 2] = 1
    operations = torch.tensor([[1, 3, 2]])
    graphs = FlowGraphs.of(adjacency, operations, (operations == INPUT).float())
    assert graphs.reached.tolist() == [[0, 0, 1]]
