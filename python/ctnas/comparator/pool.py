"""The unlabeled architectures that an ensemble scores for the comparator that it teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.comparator.presets import DistillationConfig
    from ctnas.labels import LabelSet
    from ctnas.spaces import SearchSpace

MOST_REDRAWN = 0.5
"""Share of a relative's decisions that are drawn anew at the most, on average."""


def unlabeled_pool(labels: LabelSet, config: DistillationConfig, seed: int) -> ArchitectureBatch:
    """Return architectures at random, and relatives of the labeled ones.

    What is labeled is seldom a uniform sample: those who measure look where it seems worth it.
    Comparisons are asked for there too, and random architectures alone hardly reach there.

    Args:
        labels: M labels.
        config: size of the pool, and share of the relatives.
        seed: of the draws.

    Returns:
        `config.pool` architectures; the whole space in random order if it has no more.
    """
    space = labels.space
    if space.size <= config.pool:
        return space.sample(space.size, seed)
    relatives = round(config.pool * config.relatives)
    drawn = space.sample(config.pool - relatives, seed)
    generator = np.random.default_rng([seed, relatives])
    return ArchitectureBatch.concatenate(
        [drawn, _relatives(space, labels.architectures, relatives, generator)]
    )


def _relatives(
    space: SearchSpace, known: ArchitectureBatch, count: int, generator: np.random.Generator
) -> ArchitectureBatch:
    """Return known architectures with some decisions drawn anew: few in one, many in another."""
    kept = known.decisions[generator.integers(len(known), size=count)]
    drawn = generator.integers(0, space.choices, size=kept.shape, dtype=np.int16)
    share = generator.uniform(0, MOST_REDRAWN, size=(count, 1))
    anew = generator.random(kept.shape) < share
    relatives = ArchitectureBatch(space.name, np.where(anew, drawn, kept))
    # Decisions that change nothing must say so as in the labeled ones: the ensemble looks at them.
    return space.canonical(relatives)
