"""Which paths a step of supernet training runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch
from ctnas.spaces.descriptor import find_descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnas.architecture import Int16Array
    from ctnas.spaces import SearchSpace
    from ctnas.supernet.config import Sampling


def draw_steps(
    space: SearchSpace, sampling: Sampling, steps: int, generator: np.random.Generator
) -> Iterator[ArchitectureBatch]:
    """Yield the architectures of each of some steps.

    Args:
        space: where they come from.
        sampling: "uniform", one architecture a step (SPOS), or "fair" (`fair_group`).
        steps: how many.
        generator: it is advanced.
    """
    drawn = space.sample(min(steps, space.size), generator)
    for step in range(steps):
        one = drawn[[step % len(drawn)]]
        yield one if sampling == "uniform" else fair_group(space, one, generator)


def fair_group(
    space: SearchSpace, one: ArchitectureBatch, generator: np.random.Generator
) -> ArchitectureBatch:
    """Return architectures in which every operation decision takes each choice exactly once.

    They share the wiring of `one`; where a choice says that a vertex does not exist, it is wiring
    too.

    Args:
        space: of the architecture.
        one: a batch of one.
        generator: it is advanced.

    Returns:
        As many architectures as a decision has operations.

    Source: Chu et al., "FairNAS", ICCV 2021, strict fairness.
    """
    places = [place for place, d in enumerate(space.decisions) if _is_operation(d.name)]
    choices = _operations(space, places[0])
    group = np.repeat(one.decisions, len(choices), axis=0)
    for place in places:
        if group[0, place] in choices:
            group[:, place] = generator.permutation(choices)
    return ArchitectureBatch(space.name, group)


def _is_operation(decision: str) -> bool:
    """Return whether a decision chooses an operation, in the spaces that have supernets."""
    return decision.rpartition(".")[2].startswith("operation")


def _operations(space: SearchSpace, place: int) -> Int16Array:
    """Return the choices of an operation decision that are operations."""
    names = space.decisions[place].choices
    described = find_descriptor(space.name)
    wiring = described.supernet.absent_operation if described and described.supernet else None
    return np.array(
        [index for index, name in enumerate(names) if wiring is None or name != wiring],
        dtype=np.int16,
    )
