"""What a graph network knows of an operation before it sees any graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

SEPARATOR = "."
"""Between the parts of an operation's name."""


class OperationEmbedding(nn.Module):
    """A row of features for each operation, and for each part of its name.

    `unit1.layer2.k3.e4` says where an operation is and what it does. Operations that share a part
    share what is learned of it: few labels tell more of a part than of each combination. A name
    without parts has a row of its own only.

    Args:
        vocabulary: names of the O operation ids.
        width: d, number of features.
        deviation: of the initial features of an operation.
        members: K networks that share nothing, or None for one.
    """

    shares: Tensor

    def __init__(
        self, vocabulary: Sequence[str], width: int, deviation: float, members: int | None = None
    ) -> None:
        super().__init__()
        shares = _shares(vocabulary)
        leading = () if members is None else (members,)
        self.rows = nn.Parameter(torch.randn(*leading, shares.shape[1], width) * deviation)
        self.register_buffer("shares", shares, persistent=False)

    def table(self) -> Tensor:
        """Return the features of all operations, [O, d] or [K, O, d]."""
        return self.shares @ self.rows


def _shares(vocabulary: Sequence[str]) -> Tensor:
    """Return what an operation [O] has of each row [R]: its own, and those of its parts.

    They are scaled so that all operations start with features of one size.
    """
    parts = [name.split(SEPARATOR) if SEPARATOR in name else [] for name in vocabulary]
    known = {
        part: row for row, part in enumerate(dict.fromkeys(part for of in parts for part in of))
    }
    shares = torch.zeros(len(vocabulary), len(vocabulary) + len(known))
    for operation, of in enumerate(parts):
        shares[operation, operation] = 1.0
        shares[operation, [len(vocabulary) + known[part] for part in of]] = 1.0
    return shares / shares.sum(dim=1, keepdim=True).sqrt()
