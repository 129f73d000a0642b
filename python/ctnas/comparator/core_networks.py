"""Graph networks that learn in the core: their shapes, first weights, and what they say of a pool.

Two kinds learn from labels. One convolves along and against the edges (`encoders.py` is the same
function for PyTorch). The other follows the data from the input of an architecture to its output:
each operation transforms what flows into it, so that a node's state stands for what is computed
there. Learned from few labels, that carries further than convolutions do.

Source of the second kind: Ning et al., "A Generic Graph-based Neural Architecture Encoding Scheme
for Predictor-based NAS", ECCV 2020, whose gates these are; residual states, normalization and
read-out differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.app.threads import processors
from ctnas.comparator.embedding import operation_shares
from ctnas.comparator.noise import assumed_noise
from ctnas.comparator.presets import EncoderConfig, FlowConfig
from ctnas.comparator.training import GRADIENT_LIMIT, SHORTEST_SCHEDULE
from ctnas.comparator.views import graph_views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from ctnas.architecture import ArchitectureBatch, Float32Array, Float64Array, Int64Array
    from ctnas.comparator.presets import FitConfig
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

    Advance: TypeAlias = Callable[[int], None]
    """Called with a number of further steps, every few milliseconds."""


COMPLETING = 1 / 3
"""Share of the steps in which a network learns from labels that were held back from it so far."""


@dataclass(frozen=True, slots=True)
class Member:
    """A network that learns from comparisons of labels.

    Attributes:
        config: its kind and shape.
        rows: int64 [L], the labels that it learns from at first, at least two.
    """

    config: EncoderConfig | FlowConfig
    rows: Int64Array


@dataclass(frozen=True, slots=True)
class LearnedScores:
    """What K networks say, on the scale on which scores of N judged architectures are standardized.

    Attributes:
        judged: float64 [K, N], of the architectures that are judged; higher is better.
        held_out: float64 [K, M], of the labels by a network that did not know them yet; NaN of
            those that it began with.
    """

    judged: Float64Array
    held_out: Float64Array


def learned_scores(
    labels: LabelSet,
    judged: ArchitectureBatch,
    fit: FitConfig,
    members: Sequence[Member],
    seed: int,
    advance: Advance,
) -> LearnedScores:
    """Train networks on comparisons of labels and have them score other architectures.

    A network that begins with some labels says what it thinks of the others, and then learns from
    all. The members share nothing but the graphs. They learn on as many threads as there are
    processors; the result does not depend on how many.

    Args:
        labels: M labels.
        judged: N architectures.
        fit: how they learn; all architectures of a step are compared with each other.
        members: K networks.
        seed: of weights, draws and dropout.
        advance: called with the number of optimizer steps that were taken.
    """
    space = labels.space
    noise = assumed_noise(labels, fit)
    levels = labels.values if noise == 0 else labels.values / (2 * noise)
    entries = [_entry(space, member, [seed, index]) for index, member in enumerate(members)]
    whole, beginning, completing = _course(fit)
    learned = _core.learn_comparisons(
        entries,
        learning_graphs(space, labels.architectures),
        np.ascontiguousarray(levels - levels.mean(), dtype=np.float64),
        noise == 0,
        fit.architectures,
        whole,
        beginning,
        completing,
        learning_graphs(space, judged),
        threads=processors(),
        advance=advance,
    )
    held_out = np.full((len(members), len(labels)), np.nan)
    for index, (member, (_, _, early)) in enumerate(zip(members, learned, strict=True)):
        if len(early[1]):
            hidden = np.setdiff1d(np.arange(len(labels)), member.rows)
            held_out[index, hidden] = _on_scale_of(*early)[hidden]
    return LearnedScores(np.array([_on_scale_of(s, s) for _, (s, _), _ in learned]), held_out)


def _on_scale_of(judged: Float32Array, scores: Float32Array) -> Float64Array:
    """Return scores on the scale on which those that are judged have mean 0 and deviation 1."""
    reference = judged.astype(np.float64)
    deviation = reference.std()
    centered: Float64Array = scores.astype(np.float64) - reference.mean()
    return centered / deviation if deviation > 0 else centered


def _course(fit: FitConfig) -> Iterator[_core.LearningSchedule]:
    """Yield the schedule of a network that learns from all labels, and both of any other one."""
    completing = ceil(COMPLETING * fit.steps)
    for steps in (fit.steps, fit.steps - completing, completing):
        yield schedule(steps, fit.learning_rate, fit.weight_decay)


def _entry(
    space: SearchSpace, member: Member, seed: list[int]
) -> tuple[_core.LearningShape, list[Float32Array], int, Int64Array]:
    shape = network_shape(space.vocabulary, member.config)
    weights, draws = np.random.SeedSequence(seed).spawn(2)
    parameters = first_parameters(shape, member.config, np.random.default_rng(weights))
    rows = np.ascontiguousarray(member.rows, dtype=np.int64)
    return shape, parameters, int(draws.generate_state(1, np.uint64)[0]), rows


def learning_graphs(
    space: SearchSpace, batch: ArchitectureBatch, *, views: bool = True
) -> _core.LearningGraphs:
    """Return graphs as the core learns from them, all views of an architecture or the first one."""
    kinds = graph_views(space, batch) if views else [space.graphs(batch)]
    adjacency = np.stack([kind.adjacency for kind in kinds], axis=1)
    operations = np.stack([kind.operations for kind in kinds], axis=1)
    return _core.LearningGraphs(
        adjacency.reshape(-1, space.nodes, space.nodes),
        operations.reshape(-1, space.nodes),
        len(space.vocabulary),
        len(kinds),
    )


def network_shape(
    vocabulary: Sequence[str], config: EncoderConfig | FlowConfig
) -> _core.LearningShape:
    """Return the shape of a network as the core takes it."""
    shares = operation_shares(vocabulary)
    if isinstance(config, FlowConfig):
        return _core.LearningShape("flow", shares, width=config.width, dropout=config.dropout)
    return _core.LearningShape(
        "bidirectional",
        shares,
        width=config.width,
        layers=config.layers,
        dropout=config.dropout,
    )


def first_parameters(
    shape: _core.LearningShape, config: EncoderConfig | FlowConfig, generator: np.random.Generator
) -> list[Float32Array]:
    """Return the arrays that learning begins with, in the order of the core.

    Features of operations and of the source are normal; the weights and biases of a map are uniform
    within one over the root of its inputs; gains are 1, shifts 0.
    """
    kinds, deviation = _kinds_of_parameters(config)
    arrays = []
    inputs = 1
    for kind, (rows, columns) in zip(kinds, shape.sizes, strict=True):
        if kind == "map":
            # The weight of the score is a row.
            inputs = columns if rows == 1 else rows
        if kind == "normal":
            array = generator.normal(0.0, deviation, (rows, columns))
        elif kind in ("map", "bias"):
            array = generator.uniform(-1.0, 1.0, (rows, columns)) / sqrt(inputs)
        else:
            array = np.full((rows, columns), 1.0 if kind == "gain" else 0.0)
        arrays.append(array.astype(np.float32))
    return arrays


def _kinds_of_parameters(config: EncoderConfig | FlowConfig) -> tuple[list[str], float]:
    """Return what each array is, and the deviation of those that are normal."""
    norm, affine = ["gain", "shift"], ["map", "bias"]
    if isinstance(config, FlowConfig):
        return ["normal", "normal", *affine, *affine, *norm, *affine, *affine], 1.0
    return ["normal", *[*affine, *norm] * config.layers, *affine, "map"], 0.5


def schedule(steps: int, learning_rate: float, weight_decay: float) -> _core.LearningSchedule:
    """Return a schedule that ends with a learning rate of zero, unless it is too short for that."""
    return _core.LearningSchedule(
        steps,
        max(steps, SHORTEST_SCHEDULE),
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        gradient_limit=GRADIENT_LIMIT,
    )
