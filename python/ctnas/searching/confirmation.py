"""Which of the best candidates are worth a measurement: those that are new and not near copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch

if TYPE_CHECKING:
    from ctnas.spaces import SearchSpace

APART = 2
"""Decisions in which architectures that are measured together differ at least."""


def to_confirm(
    space: SearchSpace, ranked: ArchitectureBatch, measured: ArchitectureBatch, count: int
) -> ArchitectureBatch:
    """Return the best architectures that were not measured, near copies last.

    Args:
        space: of all of them.
        ranked: candidates, best first.
        measured: what has a label.
        count: how many.

    Returns:
        `count` architectures, or all that were not measured.
    """
    both = ArchitectureBatch.concatenate([measured, ranked])
    fresh = ranked[space.is_distinct(both)[len(measured) :]]
    rows = space.canonical(fresh).decisions
    chosen: list[int] = []
    for place in range(len(rows)):
        if len(chosen) == count:
            break
        if ((rows[chosen] != rows[place]).sum(axis=1) >= APART).all():
            chosen.append(place)
    others = np.setdiff1d(np.arange(len(rows)), chosen)
    return fresh[np.array([*chosen, *others][:count], dtype=np.int64)]
