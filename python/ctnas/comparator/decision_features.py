"""What a model sees of decisions: numbers on a scale, names as names, and what kinds add up to.

Numbers have an order and distances: those that are positive and spread count by their logarithm.
Decisions of one kind have about the same choices; what they have in common is what they sum to, and
how that leans towards the earlier or the later ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ctnas.spaces.named_decisions import NamedDecisions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctnas.architecture import ArchitectureBatch, BoolArray, Float64Array
    from ctnas.spaces import SearchSpace
    from ctnas.spaces.decision import Decision

SPREAD = 1.5
"""Positive numbers whose largest is so many times the smallest are on a logarithmic scale."""
ALIKE = 0.5
"""Decisions are of one kind if they share so much of all their choices."""
LEAST_BLOCKS = 2
"""From so many blocks of several decisions on, what blocks cost is told apart."""
MANY_CHOICES = 24
"""Of kinds with more numbers than this, single ones are not counted."""

_SEPARATOR = re.compile(r"[._-](?=[^._-]*$)")
"""Stands before the last part of a name."""


def on_scale(numbers: Float64Array) -> Float64Array:
    """Return numbers [K] on the scale on which their distances are compared.

    It is logarithmic where they are positive and spread.
    """
    if numbers.min() > 0 and numbers.max() >= SPREAD * numbers.min():
        logarithms: Float64Array = np.log2(numbers)
        return logarithms
    return numbers


def decision_features(space: SearchSpace, batch: ArchitectureBatch) -> Float64Array:
    """Return what was decided: numbers on their scale, and which name was chosen.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical.

    Returns:
        float64 [N, F]: of a decision of numbers one column in the unit of the spread of its
        choices, 0 in the middle, and one for whether it is active; of one of names a column for
        each. All are 0 where a decision is not active.
    """
    return _looked_up(space, batch, _decision_table)


def level_features(space: SearchSpace, batch: ArchitectureBatch) -> Float64Array:
    """Return which levels the numbers of decisions exceed.

    The inner product of two choices falls with the distance between their numbers, as in Brownian
    motion: what is learned of a number need not lie on a line.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical.

    Returns:
        float64 [N, F]; no columns of decisions of names, or of two numbers.
    """
    return _looked_up(space, batch, _level_table)


def block_features(space: SearchSpace, batch: ArchitectureBatch) -> list[Float64Array]:
    """Return what was decided in each block of a space.

    Decisions are of one block if their names are equal but for what follows the last dot, dash or
    underscore: `block1_kernel` and `block1_width`. What a block costs depends on all its decisions
    together, and costs of blocks add up, in their own unit and with numbers as they are.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical.

    Returns:
        float64 [N, F] each, a group for each block, those of a single decision last and together;
        nothing unless several blocks have several decisions, in a space that a user declared.
    """
    if not isinstance(space, NamedDecisions):
        return []
    blocks: dict[str, list[int]] = {}
    for at, decision in enumerate(space.decisions):
        blocks.setdefault(_SEPARATOR.split(decision.name)[0], []).append(at)
    several = [members for members in blocks.values() if len(members) > 1]
    if len(several) < LEAST_BLOCKS:
        return []
    alone = [at for members in blocks.values() if len(members) == 1 for at in members]
    active = space.active(batch)

    def columns(members: list[int]) -> Float64Array:
        tables = [_plain_table(space.decisions[at]) for at in members]
        chosen = [
            table[batch.decisions[:, at]] * active[:, [at]]
            for at, table in zip(members, tables, strict=True)
        ]
        return np.hstack(chosen)

    return [columns(members) for members in [*several, *([alone] if alone else [])]]


def _looked_up(
    space: SearchSpace, batch: ArchitectureBatch, table: Callable[[Decision], Float64Array]
) -> Float64Array:
    active = space.active(batch)
    return np.hstack(
        [
            table(decision)[batch.decisions[:, at]] * active[:, [at]]
            for at, decision in enumerate(space.decisions)
        ]
    )


def kind_features(space: SearchSpace, batch: ArchitectureBatch) -> Float64Array:
    """Return what decisions of one kind sum to, and how it leans to the later ones.

    Args:
        space: the space of the batch.
        batch: N architectures, canonical.

    Returns:
        float64 [N, F]: of each kind with several decisions, the sum of their numbers and the number
        of times that each choice was made, both also weighted from -1 at the first to 1 at the
        last.
    """
    active = space.active(batch)
    columns = [np.empty((len(batch), 0))]
    for members in _kinds(space.decisions):
        if len(members) > 1:
            columns.extend(_kind_columns(space.decisions, batch, active, members))
    return np.hstack(columns)


def _kind_columns(
    decisions: Sequence[Decision],
    batch: ArchitectureBatch,
    active: BoolArray,
    members: list[int],
) -> list[Float64Array]:
    choices = list(dict.fromkeys(c for at in members for c in decisions[at].choices))
    weights = np.stack([np.ones(len(members)), np.linspace(-1, 1, len(members))], axis=1)
    index = {choice: position for position, choice in enumerate(choices)}
    chosen = np.stack(
        [
            np.array([index[c] for c in decisions[at].choices])[batch.decisions[:, at]]
            for at in members
        ],
        axis=1,
    )
    live = active[:, members]
    columns = []
    if decisions[members[0]].numbers is not None:
        values = _standard(on_scale(np.array(choices, dtype=np.float64)))
        columns.append((values[chosen] * live) @ weights)
        if len(choices) == 2 or len(choices) > MANY_CHOICES:
            return columns
    counts = [((chosen == choice) & live) @ weights for choice in range(len(choices))]
    return columns + counts


def _kinds(decisions: Sequence[Decision]) -> list[list[int]]:
    """Return the positions of the decisions of each kind."""
    kinds: list[tuple[set[object], list[int]]] = []
    for at, decision in enumerate(decisions):
        choices: set[object] = set(decision.choices)
        for known, members in kinds:
            if len(known & choices) >= ALIKE * len(known | choices):
                members.append(at)
                break
        else:
            kinds.append((choices, [at]))
    return [members for _, members in kinds]


def _decision_table(decision: Decision) -> Float64Array:
    """Return what each choice of a decision is seen as, [K, F]."""
    if decision.numbers is None:
        return np.eye(len(decision))
    value = _standard(on_scale(decision.numbers))
    return np.stack([value, np.ones(len(decision))], axis=1)


def _plain_table(decision: Decision) -> Float64Array:
    """Return what each choice is seen as where effects add up: a number as it is, [K, F]."""
    if decision.numbers is None:
        return np.eye(len(decision))
    return np.stack([_standard(decision.numbers), np.ones(len(decision))], axis=1)


def _level_table(decision: Decision) -> Float64Array:
    """Return which levels each choice of a decision exceeds, [K, F]."""
    if decision.numbers is None or len(decision) < 3:
        return np.empty((len(decision), 0))
    value = _standard(on_scale(decision.numbers))
    levels = np.sort(value)
    exceeded: Float64Array = np.where(value[:, None] > levels[:-1], np.sqrt(np.diff(levels)), 0.0)
    return exceeded


def _standard(values: Float64Array) -> Float64Array:
    """Return values with mean 0 and deviation 1; a single one becomes 0."""
    centered: Float64Array = values - values.mean()
    deviation = centered.std()
    return centered / deviation if deviation > 0 else centered
