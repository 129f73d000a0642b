"""Which stage an epoch or a step belongs to, at what learning rate, and what it draws."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.spaces.mobilenetv3.costs import DEPTHS, EXPANSIONS, KERNELS, UNIT_LAYERS
from ctnas.spaces.mobilenetv3.space import MobileNetV3Space
from ctnas.training.descent import cosine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces.mobilenetv3.config import Stage


class Schedule:
    """The stages of progressive shrinking, one after another.

    Args:
        stages: at least one.
        batches: steps of an epoch.
    """

    def __init__(self, stages: Sequence[Stage], batches: int) -> None:
        self.stages = tuple(stages)
        self.epochs = sum(stage.epochs for stage in stages)
        self._batches = batches
        ends = list(accumulate(stage.epochs for stage in stages))
        self._starts = [0, *ends[:-1]]

    def place(self, epoch: int) -> tuple[int, int]:
        """Return the stage of an epoch and the epoch in it, both counted from 0."""
        number = int(np.searchsorted(self._starts, epoch, side="right")) - 1
        return number, epoch - self._starts[number]

    def first_epoch(self, number: int) -> int:
        """Return the first epoch of a stage."""
        return self._starts[number]

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0 over all stages."""
        number, _ = self.place(step // self._batches)
        stage = self.stages[number]
        step -= self._starts[number] * self._batches
        warmup = stage.warmup * self._batches
        if step < warmup:
            return stage.learning_rate * (step + 1) / (warmup + 1)
        steps = stage.epochs * self._batches - warmup
        return cosine(stage.learning_rate, 0.0, steps)(step - warmup)


def draw_subnets(stage: Stage, count: int, generator: np.random.Generator) -> ArchitectureBatch:
    """Draw architectures, every decision uniformly among those of a stage.

    Args:
        stage: what may be drawn.
        count: how many; the same one may come twice.
        generator: it is advanced.
    """
    space = MobileNetV3Space()
    rows = space.cheapest().decisions.repeat(count, axis=0)
    for place, decision in enumerate(space.decisions):
        kind = decision.name.rpartition(".")[2]
        allowed, every = {
            "depth": (stage.depths, DEPTHS),
            "kernel": (stage.kernels, KERNELS),
            "expansion": (stage.expansions, EXPANSIONS),
        }[kind]
        rows[:, place] = generator.choice([every.index(value) for value in allowed], count)
    units = rows.reshape(count, -1, 1 + 2 * UNIT_LAYERS)
    active = np.arange(UNIT_LAYERS) < np.array(DEPTHS)[units[:, :, :1]]
    # Decisions on layers that do not exist are 0.
    units[:, :, 1:] *= np.repeat(active, 2, axis=2)
    return ArchitectureBatch(space.name, rows)
