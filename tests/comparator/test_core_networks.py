"""The core's networks have the scores and gradients of PyTorch, and learn the same anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from scipy.stats import norm
from tests.comparator.flow_reference import flow_scores

from ctnas import _core
from ctnas.comparator.core_networks import (
    Member,
    first_parameters,
    learned_scores,
    learning_graphs,
    network_shape,
    schedule,
)
from ctnas.comparator.embedding import operation_shares
from ctnas.comparator.encoders import BidirectionalEncoder
from ctnas.comparator.imitation import (
    Imitation,
    encoder_parameters,
    imitate_scores,
    load_parameters,
)
from ctnas.comparator.metrics import kendall_tau
from ctnas.comparator.presets import EncoderConfig, FitConfig, FlowConfig
from ctnas.comparator.views import graph_views
from ctnas.errors import ArchitectureError
from ctnas.labels import LabelSet
from ctnas.spaces import get_space

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, Float32Array, GraphBatch
    from ctnas.spaces import SearchSpace

Config = EncoderConfig | FlowConfig
SPACES = ("nasbench101", "nasbench201", "darts", "mobilenetv3")
CONFIGS = (
    FlowConfig(width=32, dropout=0.3),
    FlowConfig(width=5, dropout=0.3),
    FlowConfig(width=72, dropout=0.3),
    EncoderConfig(width=32, layers=3, dropout=0.3),
    EncoderConfig(width=5, layers=1, dropout=0.3),
    EncoderConfig(width=72, layers=2, dropout=0.3),
)


def drawn_parameters(space: SearchSpace, config: Config) -> list[Float32Array]:
    """Return arrays of which none is constant."""
    generator = np.random.default_rng(0)
    first = first_parameters(network_shape(space.vocabulary, config), config, generator)
    return [array + 0.1 * generator.normal(size=array.shape).astype(np.float32) for array in first]


def scores_by_torch(
    space: SearchSpace, config: Config, arrays: list[torch.Tensor], graphs: GraphBatch
) -> torch.Tensor:
    if isinstance(config, FlowConfig):
        shares = torch.from_numpy(operation_shares(space.vocabulary)).double()
        return flow_scores(arrays, shares, graphs)
    encoder = BidirectionalEncoder(space.vocabulary, config).double().eval()
    named = dict(encoder.named_parameters())
    order = ["embedding.rows"]
    for layer in range(config.layers):
        order += [f"convolutions.{layer}.weight", f"convolutions.{layer}.bias"]
        order += [f"norms.{layer}.weight", f"norms.{layer}.bias"]
    order += ["hidden.weight", "hidden.bias", "score.weight"]
    turned = {
        name: (array.T if name.endswith("weight") and "score" not in name else array).reshape(
            named[name].shape
        )
        for name, array in zip(order, arrays, strict=True)
    }
    adjacency = torch.from_numpy(graphs.adjacency).double()
    operations = torch.from_numpy(graphs.operations)
    scores: torch.Tensor = torch.func.functional_call(encoder, turned, (adjacency, operations))[0]
    return scores


@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("name", SPACES)
def test_scores_and_gradients_are_those_of_autograd(name: str, config: Config) -> None:
    space = get_space(name)
    batch = space.sample(20, seed=0)
    weights = np.random.default_rng(1).normal(size=20).astype(np.float32)
    parameters = drawn_parameters(space, config)
    scores, gradients = _core.score_gradient(
        network_shape(space.vocabulary, config),
        parameters,
        learning_graphs(space, batch),
        weights,
    )
    arrays = [torch.from_numpy(p).double().requires_grad_() for p in parameters]
    views = [scores_by_torch(space, config, arrays, view) for view in graph_views(space, batch)]
    expected = torch.stack(views).mean(dim=0)
    np.testing.assert_allclose(scores, expected.detach().numpy(), atol=2e-6)
    torch.autograd.backward((expected * torch.from_numpy(weights)).sum())
    for gradient, array in zip(gradients, arrays, strict=True):
        assert array.grad is not None
        size = float(array.grad.abs().max())
        np.testing.assert_allclose(gradient, array.grad.numpy(), atol=2e-5 * size, rtol=0)


@pytest.mark.parametrize("config", CONFIGS[::3], ids=str)
def test_gradients_fit_scores_where_features_are_dropped(config: Config) -> None:
    space = get_space("nasbench201")
    graphs = learning_graphs(space, space.sample(30, seed=0))
    shape = network_shape(space.vocabulary, config)
    parameters = drawn_parameters(space, config)
    direction = [np.random.default_rng(2).normal(size=p.shape) for p in parameters]
    weights = np.ones(30, dtype=np.float32)

    def total(step: float) -> float:
        moved = [
            (p + step * d).astype(np.float32) for p, d in zip(parameters, direction, strict=True)
        ]
        scores, _ = _core.score_gradient(shape, moved, graphs, weights, seed=7, drops=True)
        return float(scores.astype(np.float64).sum())

    scores, gradients = _core.score_gradient(shape, parameters, graphs, weights, seed=7, drops=True)
    whole, _ = _core.score_gradient(shape, parameters, graphs, weights)
    assert np.abs(scores - whole).max() > 0.01
    slope = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True))
    step = 1e-3
    assert (total(step) - total(-step)) / (2 * step) == pytest.approx(slope, rel=0.02)


def labeled(name: str, count: int) -> LabelSet:
    """Return labels that a small network could give."""
    space = get_space(name)
    batch = space.sample(count, seed=3)
    graphs = space.graphs(batch)
    edges = graphs.adjacency.sum(axis=(1, 2)).astype(np.float64)
    return LabelSet(space, batch, edges + (graphs.operations == 4).sum(axis=1) * 0.7)


def members(count: int) -> list[Member]:
    rows = np.arange(count)
    return [
        Member(FlowConfig(width=16), rows),
        Member(EncoderConfig(width=16, layers=2, dropout=0.1), rows),
        Member(FlowConfig(width=16), rows[::2]),
    ]


def judge(labels: LabelSet, judged: ArchitectureBatch, steps: int) -> np.ndarray:
    fit = FitConfig(steps=steps, architectures=32)
    kinds = members(len(labels))
    return learned_scores(labels, judged, fit, kinds, 0, lambda _: None).judged


def test_members_learn_the_order_of_labels() -> None:
    labels = labeled("nasbench201", 60)
    others = labeled("nasbench201", 400)
    scores = judge(labels, others.architectures, 150)
    assert all(kendall_tau(score, others.values) > 0.8 for score in scores)


@pytest.mark.parametrize("threads", [2, 3])
def test_equal_seeds_learn_equal_bytes_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    labels = labeled("nasbench201", 50)
    pool = labels.space.sample(40, seed=5)
    learned = []
    for number in (1, threads):
        monkeypatch.setattr("ctnas.comparator.core_networks.processors", lambda n=number: n)
        monkeypatch.setattr("ctnas.comparator.imitation.processors", lambda n=number: n)
        scores = judge(labels, pool, 12)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            encoder = BidirectionalEncoder(labels.space.vocabulary, EncoderConfig(width=16))
        how = Imitation(steps=12, learning_rate=0.01, weight_decay=0.0, batch=30, scale=1.0)
        graphs = learning_graphs(labels.space, pool, views=False)
        names = labels.space.vocabulary
        imitate_scores(encoder, names, graphs, scores[0], how, 0, lambda _: None)
        learned.append([scores, *encoder_parameters(encoder)])
    for one, several in zip(*learned, strict=True):
        np.testing.assert_array_equal(one, several)


def test_a_member_does_not_see_labels_of_other_rows() -> None:
    labels = labeled("nasbench201", 40)
    values = labels.values.copy()
    values[1::2] = np.random.default_rng(0).permutation(values[1::2])
    other = LabelSet(labels.space, labels.architectures, values)
    spread = FitConfig(steps=5, label_noise=0.0)
    pool = labels.space.sample(20, seed=0)
    some, same = (
        learned_scores(known, pool, spread, [members(40)[2]], 0, lambda _: None)
        for known in (labels, other)
    )
    assert np.isnan(some.held_out[0, ::2]).all()
    assert np.isfinite(some.held_out[0, 1::2]).all()
    np.testing.assert_array_equal(some.held_out, same.held_out)


def test_a_member_learns_in_the_end_from_labels_that_were_held_back() -> None:
    labels = labeled("nasbench201", 90)
    known = np.argsort(labels.values)[30:60]
    fit = FitConfig(steps=240, architectures=32)
    begun = [Member(FlowConfig(width=16), known)]
    learned = learned_scores(labels, labels.architectures, fit, begun, 0, lambda _: None)
    unknown = np.setdiff1d(np.arange(90), known)
    before, after = (
        kendall_tau(scores[0, unknown], labels.values[unknown])
        for scores in (learned.held_out, learned.judged)
    )
    assert after > before + 0.03
    assert after > 0.85


def test_a_step_goes_where_adamw_goes() -> None:
    """Three steps on squared errors by the core and by PyTorch, from the same weights."""
    space = get_space("nasbench101")
    config = EncoderConfig(width=16, layers=2, dropout=0.0)
    batch = space.sample(1, seed=0)
    target, steps = 3.0, 3
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        ours, theirs = (BidirectionalEncoder(space.vocabulary, config) for _ in range(2))
    load_parameters(ours, encoder_parameters(theirs))
    how = Imitation(steps=steps, learning_rate=0.01, weight_decay=0.1, batch=4, scale=2.0)
    graphs = learning_graphs(space, batch, views=False)
    imitate_scores(ours, space.vocabulary, graphs, np.array([target]), how, 0, lambda _: None)
    optimizer = torch.optim.AdamW(theirs.parameters(), lr=0.01, weight_decay=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, 20, pct_start=0.1)
    plain = space.graphs(batch)
    adjacency = torch.from_numpy(plain.adjacency).float()
    for _ in range(steps):
        optimizer.zero_grad()
        score = theirs(adjacency, torch.from_numpy(plain.operations))[0]
        torch.autograd.backward(((score - target) / 2.0).square().mean())
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 5.0)
        optimizer.step()
        cycle.step()
    for mine, reference in zip(encoder_parameters(ours), encoder_parameters(theirs), strict=True):
        np.testing.assert_allclose(mine, reference, atol=2e-5)


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_comparisons_have_the_gradient_of_their_cross_entropy(noise: float) -> None:
    """One step of plain descent is known from the scores: it is taken by AdamW's sign."""
    space = get_space("nasbench101")
    config = FlowConfig(width=16, dropout=0.0)
    values = np.random.default_rng(0).integers(0, 6, 24) / 10.0
    batch = space.sample(24, seed=2)
    shape = network_shape(space.vocabulary, config)
    parameters = drawn_parameters(space, config)
    graphs = learning_graphs(space, batch)
    levels = values / (2 * noise) if noise else values
    [(learned, _, _)] = _core.learn_comparisons(
        [(shape, parameters, 0, np.arange(24))],
        graphs,
        levels,
        noise == 0,
        24,
        schedule(1, 1e-4, 0.0),
        schedule(0, 1e-4, 0.0),
        schedule(0, 1e-4, 0.0),
        graphs,
    )
    scores, _ = _core.score_gradient(shape, parameters, graphs, np.ones(24, dtype=np.float32))
    difference = values[:, None] - values
    target = norm.cdf(difference / (noise * np.sqrt(2))) if noise else (np.sign(difference) + 1) / 2
    won = 1 / (1 + np.exp(scores[None, :] - scores[:, None].astype(np.float64)))
    slope = (2 * (won - target).sum(axis=1) / (24 * 23)).astype(np.float32)
    _, gradients = _core.score_gradient(shape, parameters, graphs, slope)
    largest = max(float(np.abs(gradient).max()) for gradient in gradients)
    for before, after, gradient in zip(parameters, learned, gradients, strict=True):
        clear = np.abs(gradient) > 1e-4 * largest
        np.testing.assert_array_equal(np.sign(before - after)[clear], np.sign(gradient)[clear])


def test_graphs_and_arrays_that_do_not_fit_are_refused() -> None:
    space = get_space("nasbench101")
    graphs = space.graphs(space.sample(3, seed=0))
    with pytest.raises(ArchitectureError, match="operations"):
        _core.LearningGraphs(graphs.adjacency, graphs.operations, 2)
    with pytest.raises(ArchitectureError, match="3 graphs are not 2 views"):
        _core.LearningGraphs(graphs.adjacency, graphs.operations, len(space.vocabulary), 2)
    config = FlowConfig(width=16)
    shape = network_shape(space.vocabulary, config)
    parameters = drawn_parameters(space, config)
    known = _core.LearningGraphs(graphs.adjacency, graphs.operations, len(space.vocabulary))
    weights = np.ones(3, dtype=np.float32)
    with pytest.raises(ValueError, match="12 arrays, not 11"):
        _core.score_gradient(shape, parameters[1:], known, weights)
    with pytest.raises(ValueError, match="weights has 2 entries for 3"):
        _core.score_gradient(shape, parameters, known, weights[:2])


def test_what_progress_raises_ends_learning() -> None:
    labels = labeled("nasbench201", 40)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learned_scores(
            labels,
            labels.architectures,
            FitConfig(steps=100_000),
            members(40),
            0,
            stop,
        )
