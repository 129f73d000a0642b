"""A search space that is nothing but decisions: no wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import INPUT, OUTPUT, PADDING, GraphBatch
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.wiring import FIXED_VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ctnas.architecture import Int16Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice


class DecisionSpace(NamedDecisions):
    """A search space without any wiring: named decisions whose choices are names or numbers.

    As a graph an architecture is the chain of its active decisions between input and output; the
    operation of a node says which choice was made: `width=16`.

    Text is `decision=choice,decision=choice`, without the decisions that are not active.

    Example:
        >>> space = DecisionSpace(
        ...     "mine",
        ...     {"depth": [1, 2], "width1": [16, 24, 32], "width2": [16, 24, 32]},
        ...     active={"width2": {"depth": 2}},
        ... )
        >>> space.size
        12
        >>> space.format(space.enumerate()[[0, 11]])
        ['depth=1,width1=16', 'depth=2,width1=32,width2=32']

    Args:
        name: what an exported comparator calls the space.
        decisions: the choices of every decision: names, or numbers, which have an order.
        active: for decisions that are not always active, the decisions that must be active and
            have made a certain choice, or one of certain choices.

    Raises:
        SpaceError: naming the decision and what is wrong with it: names and numbers in one list,
            a choice that stands twice, a number that is not finite.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        active: Mapping[str, Conditions] | None = None,
    ) -> None:
        super().__init__(name, decisions, active)
        choices = [f"{d.name}={choice}" for d in self.decisions for choice in d.choices]
        self.vocabulary = (*FIXED_VOCABULARY, *choices)
        self.nodes = len(self.decisions) + 2

    def _wire(self, decisions: Int16Array) -> GraphBatch:
        count = len(decisions)
        active = self._activity(decisions)
        first = len(FIXED_VOCABULARY) + np.cumsum([0, *self.choices[:-1].astype(np.int64)])
        chosen = np.where(active, first + decisions, PADDING)
        # What is active comes first, in order; the output follows the last.
        order = np.argsort(~active, axis=1, kind="stable")
        operations = np.full((count, self.nodes), PADDING, dtype=np.int64)
        operations[:, 0] = INPUT
        operations[:, 1:-1] = np.take_along_axis(chosen, order, axis=1)
        length = active.sum(axis=1)
        operations[np.arange(count), length + 1] = OUTPUT
        node = np.arange(self.nodes)
        is_next = node[None, :] == node[:, None] + 1
        adjacency = is_next & (node <= length[:, None] + 1)[:, None, :]
        return GraphBatch(adjacency.astype(np.uint8), operations)
