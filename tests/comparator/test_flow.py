"""The networks that follow the data, against their definition node by node in NumPy."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ctnas.architecture import INPUT, OUTPUT, PADDING
from ctnas.comparator.comparisons import AllPairs, GraphTensors
from ctnas.comparator.encoders import NODES_SCALE
from ctnas.comparator.flow import FlowNetworks
from ctnas.comparator.presets import FlowConfig
from ctnas.errors import ConfigurationError
from ctnas.spaces import get_space

MEMBERS = 3
Weights = dict[str, NDArray[np.float64]]


@pytest.fixture
def networks() -> FlowNetworks:
    torch.manual_seed(0)
    vocabulary = get_space("nasbench101").vocabulary
    made = FlowNetworks(vocabulary, FlowConfig(width=5, dropout=0.5), MEMBERS)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_()
    return made.eval()


@pytest.fixture
def graphs() -> GraphTensors:
    space = get_space("nasbench101")
    return GraphTensors.of(space.graphs(space.sample(20, seed=0)))


def affine(weights: Weights, name: str, features: NDArray[np.float64]) -> NDArray[np.float64]:
    return features @ weights[f"{name}.weight"] + weights[f"{name}.bias"][0]


def score_by_definition(
    weights: Weights, adjacency: NDArray[np.float64], operations: NDArray[np.int64]
) -> float:
    """Follow the data through one graph."""
    width = weights["source"].shape[1]
    states = np.zeros((len(operations), width))
    for node, operation in enumerate(operations):
        if operation == INPUT:
            states[node] = weights["source"][0]
            continue
        arriving = sum((states[i] for i in np.flatnonzero(adjacency[:, node])), np.zeros(width))
        if not arriving.any():
            continue
        gate = 1 / (1 + np.exp(-affine(weights, "gate", weights["embedding.rows"][operation])))
        leaving = arriving + np.maximum(0, gate * affine(weights, "transform", arriving))
        normal = (leaving - leaving.mean()) / np.sqrt(leaving.var() + 1e-5)
        states[node] = normal * weights["gain"][0] + weights["shift"][0]
    output = states[operations == OUTPUT][0]
    everything = NODES_SCALE * states[operations != PADDING].sum(axis=0)
    hidden = np.maximum(0, affine(weights, "hidden", np.concatenate([output, everything])))
    return float(affine(weights, "score", hidden)[0])


def test_each_network_follows_the_data_node_by_node(
    networks: FlowNetworks, graphs: GraphTensors
) -> None:
    with torch.no_grad():
        challenger, opponent = networks(graphs.adjacency, graphs.operations)
    assert challenger.shape == (MEMBERS, len(graphs))
    np.testing.assert_array_equal(opponent, -challenger)
    for member in range(MEMBERS):
        weights = {k: v[member].double().numpy() for k, v in networks.state_dict().items()}
        expected = [
            score_by_definition(weights, adjacency, operations)
            for adjacency, operations in zip(
                graphs.adjacency.double().numpy(), graphs.operations.numpy(), strict=True
            )
        ]
        np.testing.assert_allclose(challenger[member], expected, rtol=1e-4, atol=1e-5)


def test_networks_learn_apart(networks: FlowNetworks, graphs: GraphTensors) -> None:
    challenger, _ = networks(graphs.adjacency, graphs.operations)
    torch.autograd.backward(challenger[1].sum())
    for parameter in networks.parameters():
        assert parameter.grad is not None
        assert torch.count_nonzero(parameter.grad[[0, 2]]) == 0
    assert any(torch.count_nonzero(parameter.grad[1]) for parameter in networks.parameters())


def test_losses_of_several_networks_are_those_of_each(
    networks: FlowNetworks, graphs: GraphTensors
) -> None:
    count = len(graphs)
    target = torch.rand(count, count, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        losses = AllPairs(graphs, target).losses(networks).view(MEMBERS, -1)
        scores = networks(graphs.adjacency, graphs.operations)[0]
    beside = ~torch.eye(count, dtype=torch.bool)
    for member, score in enumerate(scores):
        logit = (score[:, None] - score[None, :]).double().numpy()
        # -log of the probabilities that the first is better, and that the second is.
        first, second = torch.from_numpy(np.logaddexp(0, [-logit, logit]))
        expected = target * first + (1 - target) * second
        np.testing.assert_allclose(losses[member], expected[beside], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "value"), [("width", 0), ("dropout", 1.0)])
def test_impossible_flow_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{name}.*{value}"):
        FlowConfig(**{name: value})
