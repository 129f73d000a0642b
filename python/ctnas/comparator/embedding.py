"""What a graph network knows of an operation before it sees any graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from ctnas.comparator.decision_features import on_scale
from ctnas.comparator.operation_parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from torch import Tensor

    from ctnas.architecture import Float32Array
    from ctnas.comparator.operation_parts import Part

OWN = 0.25
"""What an operation with a number has of a row of its own: most is said by the number."""
LEVELS = 0.5
"""What it has of the rows of the numbers that it exceeds."""


class OperationEmbedding(nn.Module):
    """A row of features for each operation, and for each part of its name.

    `unit1.layer2.k3.e4` says where an operation is and what it does. Operations that share a part
    share what is learned of it: few labels tell more of a part than of each combination. A name
    without parts has a row of its own only.

    Numbers in names are in an order: `width=24` has nearly the features of `width=16`, and less of
    those of `width=64`. What is learned of a number of one decision also tells of the others.

    Args:
        vocabulary: names of the O operation ids.
        width: d, number of features.
        deviation: of the initial features of an operation.
    """

    shares: Tensor

    def __init__(self, vocabulary: Sequence[str], width: int, deviation: float) -> None:
        super().__init__()
        shares = _shares(vocabulary)
        self.rows = nn.Parameter(torch.randn(shares.shape[1], width) * deviation)
        self.register_buffer("shares", shares, persistent=False)

    def table(self) -> Tensor:
        """Return the features of all operations, [O, d]."""
        return self.shares @ self.rows


def operation_shares(vocabulary: Sequence[str]) -> Float32Array:
    """Return what each operation has of each row of learned features, float32 [O, R]."""
    shares: Float32Array = _shares(vocabulary).numpy()
    return shares


def _shares(vocabulary: Sequence[str]) -> Tensor:
    """Return what an operation [O] has of each row [R]: its own, and those that it shares.

    They are scaled so that operations start with features of one size.
    """
    parts = [parts_of(name) for name in vocabulary]
    columns: dict[Hashable, dict[int, float]] = {}
    for operation, of in enumerate(parts):
        chosen = any(part.alone for part in of)
        columns[operation] = {operation: OWN if chosen else 1.0}
        for part in of:
            columns.setdefault(part.text, {})[operation] = LEVELS if part.alone else 1.0
    for stem in dict.fromkeys(part.stem for of in parts for part in of if part.stem is not None):
        numbers = {
            operation: part.number
            for operation, of in enumerate(parts)
            for part in of
            if part.stem == stem and part.number is not None
        }
        _add_numbers(columns, stem, numbers)
    shares = torch.zeros(len(vocabulary), len(columns))
    for column, entries in enumerate(columns.values()):
        for operation, share in entries.items():
            shares[operation, column] = share
    return shares / _sizes(shares, parts)


def _add_numbers(
    columns: dict[Hashable, dict[int, float]], stem: str, numbers: dict[int, float]
) -> None:
    """Add rows for the numbers of operations: how large they are, and what they exceed."""
    levels = np.unique(list(numbers.values()))
    if len(levels) < 2:
        return
    scaled = on_scale(levels)
    scaled = (scaled - scaled.mean()) / scaled.std()
    place = {operation: int(np.searchsorted(levels, n)) for operation, n in numbers.items()}
    columns[stem, "size"] = {operation: float(scaled[at]) for operation, at in place.items()}
    # What holds for any number holds for that of this decision too.
    general = columns.setdefault("size", {})
    general.update({operation: float(scaled[at]) for operation, at in place.items()})
    for level, gap in enumerate(np.sqrt(np.diff(scaled))):
        columns[stem, level] = {
            operation: float(LEVELS * gap) for operation, at in place.items() if at > level
        }


def _sizes(shares: Tensor, parts: Sequence[Sequence[Part]]) -> Tensor:
    """Return what the shares of each operation are divided by, [O, 1].

    It is the same for all numbers of one decision: otherwise it would hide how large they are.
    """
    squared = shares.square().sum(dim=1)
    stems = [next((part.stem for part in of if part.alone), None) for of in parts]
    for stem in set(stems) - {None}:
        same = torch.tensor([other == stem for other in stems])
        squared[same] = squared[same].mean()
    return squared.sqrt()[:, None]
