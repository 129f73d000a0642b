"""Fit a comparator to labels (section 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import ComparatorPreset, FitConfig, comparator_preset

if TYPE_CHECKING:
    from ctnas.architecture import Float64Array, GraphBatch
    from ctnas.comparator.encoders import PairEncoder
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of steps done and their total."""

GRADIENT_LIMIT = 5.0
WARM_UP = 0.1
"""Share of the steps in which the annealed learning rate rises."""


def fit_comparator(
    space: SearchSpace,
    labels: LabelSet,
    preset: str | ComparatorPreset = "default",
    seed: int = 0,
    progress: Progress | None = None,
) -> NeuralArchitectureComparator:
    """Fit a comparator to labels.

    Args:
        space: the space of the labels.
        labels: at least 10 labels; higher is better.
        preset: "default", "paper" (section 4 and appendix C) or settings of one's own.
        seed: of initial weights, dropout and batches. Equal seeds give equal weights on the CPU.
        progress: called after every step.

    Raises:
        ArchitectureError: if the labels are of another space.
        LabelError: if there are less than 10 labels.
        ConfigurationError: if there is no such preset.
    """
    space.check(labels.architectures)
    labels.require()
    settings = comparator_preset(preset) if isinstance(preset, str) else preset
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        comparator = NeuralArchitectureComparator(space, settings.encoder)
        trainer = ComparatorTrainer(comparator.encoder, settings.fit)
        batches = LabeledComparisons(labels, settings.fit, seed)
        for step in range(settings.fit.steps):
            trainer.step(batches.draw())
            if progress is not None:
                progress(step + 1, settings.fit.steps)
    comparator.encoder.eval()
    comparator.label_count, comparator.metric = len(labels), labels.metric
    return comparator


class GraphTensors:
    """Graphs as the encoder takes them: adjacency float [N, V, V], operations int64 [N, V]."""

    def __init__(self, graphs: GraphBatch) -> None:
        self.adjacency = torch.from_numpy(graphs.adjacency).float()
        self.operations = torch.from_numpy(graphs.operations)

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, rows: Tensor) -> GraphTensors:
        part = object.__new__(GraphTensors)
        part.adjacency, part.operations = self.adjacency[rows], self.operations[rows]
        return part


class Comparisons:
    """Some architectures, which of them meet, and the probability that the first one is better.

    Args:
        graphs: N architectures.
        first: int64 [P], rows of the challengers.
        second: int64 [P], rows of the opponents.
        target: float [P] in [0, 1].
    """

    def __init__(self, graphs: GraphTensors, first: Tensor, second: Tensor, target: Tensor) -> None:
        self.graphs, self.first, self.second, self.target = graphs, first, second, target


class LabeledComparisons:
    """Draws the comparisons of a step from labeled architectures.

    Args:
        labels: M labels.
        config: `pairs` at random, or all among `architectures` at a time.
        seed: of the draws.
    """

    def __init__(self, labels: LabelSet, config: FitConfig, seed: int) -> None:
        self._graphs = GraphTensors(labels.space.graphs(labels.architectures))
        self._values = torch.from_numpy(labels.values)
        self._noise = config.label_noise * robust_deviation(labels.values)
        self._pairs, self._architectures = config.pairs, config.architectures
        self._generator = torch.Generator().manual_seed(seed)

    def draw(self) -> Comparisons:
        """Return the comparisons of the next step."""
        count = len(self._graphs)
        if self._pairs is None:
            rows = torch.randperm(count, generator=self._generator)[: self._architectures]
            first, second = _all_pairs(len(rows))
        else:
            rows = torch.arange(count)
            first, second = random_pairs(count, self._pairs, self._generator)
        values = self._values[rows]
        target = comparison_target(values[first] - values[second], self._noise)
        return Comparisons(self._graphs[rows], first, second, target)


class ComparatorTrainer:
    """Optimizer steps on comparisons, by binary cross-entropy (section 4.1)."""

    def __init__(self, encoder: PairEncoder, config: FitConfig) -> None:
        self.encoder = encoder
        optimizer = torch.optim.AdamW if config.decoupled else torch.optim.Adam
        self._optimizer = optimizer(
            encoder.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._schedule = None
        if config.decoupled:
            self._schedule = torch.optim.lr_scheduler.OneCycleLR(
                self._optimizer, config.learning_rate, config.steps, pct_start=WARM_UP
            )

    def step(self, *comparisons: Comparisons) -> float:
        """Take one step on the mean loss of all given comparisons; return that loss."""
        self.encoder.train()
        losses = torch.cat([self._losses(part) for part in comparisons])
        loss = losses.mean()
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.encoder.parameters(), GRADIENT_LIMIT)
        self._optimizer.step()
        if self._schedule is not None:
            self._schedule.step()
        return loss.item()

    def _losses(self, part: Comparisons) -> Tensor:
        challenger, opponent = self.encoder(part.graphs.adjacency, part.graphs.operations)
        logits = challenger[part.first] + opponent[part.second]
        return functional.binary_cross_entropy_with_logits(logits, part.target, reduction="none")


def comparison_target(difference: Tensor, noise: float) -> Tensor:
    """Return the probability that the first of two labels is truly the higher one.

    Args:
        difference: [P], first label minus second.
        noise: standard deviation of the noise of each; 0 gives `1{difference >= 0}`.
    """
    if noise == 0:
        return (difference >= 0).float()
    # The difference of two noisy labels has the variance of both.
    target: Tensor = torch.special.ndtr(difference / (noise * np.sqrt(2)))
    return target.float()


def robust_deviation(values: Float64Array) -> float:
    """Return the standard deviation by quartiles, which failed trainings do not move."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(high - low) / 1.349


def random_pairs(count: int, pairs: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw pairs of different rows out of `count`, uniformly."""
    first = torch.randint(count, (pairs,), generator=generator)
    offset = torch.randint(1, count, (pairs,), generator=generator)
    return first, (first + offset) % count


def _all_pairs(count: int) -> tuple[Tensor, Tensor]:
    """Return every ordered pair of different rows."""
    first, second = torch.meshgrid(torch.arange(count), torch.arange(count), indexing="ij")
    different = first != second
    return first[different], second[different]
