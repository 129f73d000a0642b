"""The best architectures for a comparator: descendants of what a search has seen, and neighbors.

A policy that has learned for some hundred iterations is near good architectures, and has seen some
tens of thousands. The core makes, wires and scores hundreds of thousands a second: what the policy
found is where it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch
from ctnas.searching.candidates import is_small
from ctnas.searching.moves import mutated, neighbors

if TYPE_CHECKING:
    from ctnas.architecture import BoolArray, Int16Array
    from ctnas.searching.limits import MaddsLimit
    from ctnas.searching.scoring import CoreScorer
    from ctnas.spaces import SearchSpace

KEPT = 2_000
"""Architectures that are kept of all that were seen."""
CLIMBED = 50
"""The best of them, whose neighbors are looked at until none is better."""
PYTHON_SHARE = 20
"""Where only Python can wire a space, so many times fewer candidates are made."""


@dataclass(frozen=True, slots=True)
class Refined:
    """What refinement found.

    Attributes:
        architectures: distinct graphs, the best first.
        seen: how many distinct architectures were scored.
    """

    architectures: ArchitectureBatch
    seen: int


def refined(
    space: SearchSpace,
    scorer: CoreScorer,
    start: ArchitectureBatch,
    limit: MaddsLimit,
    count: int,
    seed: int,
) -> Refined:
    """Return the best architectures that can be found from some to begin with.

    A small space is looked at as a whole. Of a larger one, `count` candidates are drawn, or descend
    from the best by mutation and crossover; the neighbors of the very best are looked at until none
    is better.

    Args:
        space: the space.
        scorer: scores by challenger logit: against any opponents, the win probability (Eq. 5) rises
            with it.
        start: architectures to begin with.
        limit: hard limit on what is kept.
        count: candidates to make.
        seed: equal seeds give equal results, whatever the number of threads.
    """
    if is_small(space):
        start, count = space.enumerate(), 0
    if space.core is None:
        return _by_python(space, scorer, start[limit.allows(start)], limit, count, seed)
    pool = _core.CandidatePool(space.core, scorer.encoder, keep=KEPT, seed=seed)

    def mask(rows: Int16Array) -> BoolArray:
        return limit.allows(ArchitectureBatch(space.name, rows))

    allowed = mask if limit else None
    pool.add(np.ascontiguousarray(start.decisions), allowed)
    if count:
        pool.grow(count, allowed)
        pool.climb(CLIMBED, allowed)
    return Refined(ArchitectureBatch(space.name, pool.decisions), pool.seen)


def _by_python(
    space: SearchSpace,
    scorer: CoreScorer,
    start: ArchitectureBatch,
    limit: MaddsLimit,
    count: int,
    seed: int,
) -> Refined:
    """Do the same where a function of the user wires the space."""
    generator = np.random.default_rng([seed, KEPT])
    best, seen = _best(space, scorer, start), len(start)
    left = count // PYTHON_SHARE
    while left > 0:
        parents = best[generator.integers(0, min(KEPT, len(best)), size=min(left, KEPT))]
        made = space.canonical(mutated(space, parents, generator))
        left -= len(made)
        best, new = _joined(space, scorer, best, made, limit)
        seen += new
    if count:
        improves = True
        while improves:
            before = best[:1]
            around = [neighbors(space, best[[row]]) for row in range(min(CLIMBED, len(best)))]
            made = space.canonical(ArchitectureBatch.concatenate(around))
            best, new = _joined(space, scorer, best, made, limit)
            seen += new
            improves = best[:1] != before
    return Refined(best, seen)


def _joined(
    space: SearchSpace,
    scorer: CoreScorer,
    best: ArchitectureBatch,
    made: ArchitectureBatch,
    limit: MaddsLimit,
) -> tuple[ArchitectureBatch, int]:
    """Return the best of both, and how many of those that were made are new."""
    both = ArchitectureBatch.concatenate([best, made[limit.allows(made)]])
    both = both[space.is_distinct(both)]
    return _best(space, scorer, both), len(both) - len(best)


def _best(space: SearchSpace, scorer: CoreScorer, batch: ArchitectureBatch) -> ArchitectureBatch:
    """Return the best distinct architectures of a batch, best first."""
    batch = batch[space.is_distinct(batch)]
    score = scorer.encode(batch).challenger
    return batch[np.argsort(-score, kind="stable")[:KEPT]]
