"""Small changes of architectures: one decision at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.searching.queries import QueryLog
    from ctnas.spaces import SearchSpace

ATTEMPTS = 64
"""Changes or draws that are tried for one that is new."""


def mutated(
    space: SearchSpace, parents: ArchitectureBatch, generator: np.random.Generator
) -> ArchitectureBatch:
    """Return each architecture with another choice of one decision, both drawn uniformly.

    Where that breaks a constraint of the space, the architecture stays as it is.
    """
    decisions = parents.decisions.copy()
    rows = np.arange(len(decisions))
    columns = generator.choice(np.flatnonzero(space.choices > 1), size=len(decisions))
    counts = space.choices[columns]
    steps = generator.integers(1, counts)
    decisions[rows, columns] = (decisions[rows, columns] + steps) % counts
    refused = ~space.allowed(ArchitectureBatch(space.name, decisions))
    decisions[refused] = parents.decisions[refused]
    return ArchitectureBatch(space.name, decisions)


def neighbors(space: SearchSpace, architecture: ArchitectureBatch) -> ArchitectureBatch:
    """Return all architectures that differ from one in exactly one decision."""
    counts = space.choices.astype(np.int64) - 1
    columns = np.repeat(np.arange(len(counts)), counts)
    steps = np.concatenate([np.arange(1, count + 1) for count in counts])
    decisions = np.repeat(architecture.decisions, len(columns), axis=0)
    rows = np.arange(len(columns))
    decisions[rows, columns] = (decisions[rows, columns] + steps) % space.choices[columns]
    changed = ArchitectureBatch(space.name, decisions)
    return changed[space.allowed(changed)]


def fresh_mutant(
    space: SearchSpace,
    parent: ArchitectureBatch,
    log: QueryLog,
    generator: np.random.Generator,
) -> ArchitectureBatch | None:
    """Return a mutant that was not measured; a random architecture where all of them were."""
    parents = ArchitectureBatch.concatenate([parent] * ATTEMPTS)
    children = mutated(space, parents, generator)
    found = np.flatnonzero(log.fresh(children))
    return children[found[:1]] if len(found) else fresh_sample(space, log, generator)


def fresh_sample(
    space: SearchSpace, log: QueryLog, generator: np.random.Generator
) -> ArchitectureBatch | None:
    """Return a random architecture that was not measured, or None where none was found."""
    drawn = space.sample(min(ATTEMPTS, space.size), generator)
    found = np.flatnonzero(log.fresh(drawn))
    return drawn[found[:1]] if len(found) else None
