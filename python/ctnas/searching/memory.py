"""What a comparator said before a search began: pseudo-labels alone would blur it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ctnas.comparator.comparisons import GraphTensors, Pairs, random_pairs

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch
    from ctnas.searching.scoring import Logits

AT_ONCE = 64
"""Architectures that are compared with each other in a step."""


class RememberedComparisons:
    """Draws comparisons of architectures with the probabilities that were once predicted.

    Source: Li and Hoiem, "Learning without Forgetting", 2017.

    Args:
        graphs: N architectures.
        logits: of them, before the search.
        pairs: comparisons in a draw.
        seed: of the draws.

    Attributes:
        generator: draws; its state is that of the draws.
    """

    def __init__(self, graphs: GraphBatch, logits: Logits, pairs: int, seed: int) -> None:
        self._graphs, self._pairs = GraphTensors.of(graphs), pairs
        self._challenger = torch.from_numpy(logits.challenger)
        self._opponent = torch.from_numpy(logits.opponent)
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self) -> Pairs:
        """Return the comparisons of the next step, all of a few architectures.

        A step costs what it takes to encode these, whatever the number of pairs.
        """
        count = min(AT_ONCE, len(self._graphs))
        rows = torch.randperm(len(self._graphs), generator=self.generator)[:count]
        first, second = random_pairs(count, self._pairs, self.generator)
        logits = self._challenger[rows][first] + self._opponent[rows][second]
        return Pairs(self._graphs[rows], first, second, torch.sigmoid(logits))
