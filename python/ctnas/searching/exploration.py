"""Data exploration (Alg. 3): comparisons that the comparator is sure of become labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ctnas import _core
from ctnas.comparator.comparisons import GraphTensors, Pairs, random_pairs

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch
    from ctnas.searching.scoring import Logits


def explore(
    graphs: GraphBatch, logits: Logits, pairs: int, kept: int, generator: torch.Generator
) -> Pairs:
    """Return the most confident comparisons with their pseudo-labels (Eq. 8, 9).

    Args:
        graphs: the sample S.
        logits: of S.
        pairs: number of pairs of S that are scored.
        kept: K, how many of them are returned.
        generator: draws the pairs.
    """
    first, second = random_pairs(len(graphs), pairs, generator)
    selected, probability = _core.explore_pairs(
        logits.challenger, logits.opponent, first.numpy(), second.numpy(), kept
    )
    target = torch.from_numpy((probability >= 0.5).astype("float32"))
    rows = torch.from_numpy(selected)
    used, local = torch.unique(torch.cat([first[rows], second[rows]]), return_inverse=True)
    return Pairs(GraphTensors.of(graphs)[used], local[:kept], local[kept:], target)
