"""Rank candidates on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ctnas.architecture import Float32Array, Float64Array, Int64Array
    from ctnas.comparator.runtime import Comparator
    from ctnas.labels.reading import ArchitectureChunk


@dataclass(frozen=True, slots=True)
class RankedRows:
    """Candidates, best first.

    Attributes:
        rows: int64 [K], where each stands in its file.
        architectures: K texts.
        win_probability: float64 [K], Eq. 5 against all other candidates.
    """

    rows: Int64Array
    architectures: list[str]
    win_probability: Float64Array


class CandidatePool:
    """Candidates that arrive piece by piece and are compared with each other at the end.

    An architecture takes 16 bytes beside its decisions, which are kept as single bytes where
    their choices allow.

    Args:
        comparator: scores them.
    """

    def __init__(self, comparator: Comparator) -> None:
        self._comparator = comparator
        small = int(comparator.space.choices.max()) <= np.iinfo(np.int8).max
        self._decision_type = np.int8 if small else np.int16
        self._decisions: list[NDArray[np.int8 | np.int16]] = []
        self._rows: list[Int64Array] = []
        self._challenger: list[Float32Array] = []
        self._opponent: list[Float32Array] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, chunk: ArchitectureChunk) -> None:
        """Encode a chunk of candidates."""
        challenger, opponent = self._comparator.encode(chunk.architectures)
        self._decisions.append(chunk.architectures.decisions.astype(self._decision_type))
        self._rows.append(chunk.rows)
        self._challenger.append(challenger)
        self._opponent.append(opponent)
        self._count += len(chunk)

    def best(self, top: int) -> RankedRows:
        """Return the `top` candidates (all if there are fewer), best first, ties by arrival.

        Raises:
            ArchitectureError: if there are less than two: a win needs somebody to win against.
        """
        if self._count < 2:
            raise ArchitectureError(
                f"ranking needs at least two architectures, not {self._count}: "
                "the win probability of a single one is undefined"
            )
        won = _core.mean_win_probability(
            np.concatenate(self._challenger), np.concatenate(self._opponent)
        )
        order = _core.best_first(won, min(top, self._count))
        decisions = np.concatenate(self._decisions)[order].astype(np.int16)
        space = self._comparator.space
        texts = space.format(ArchitectureBatch(space.name, decisions))
        return RankedRows(np.concatenate(self._rows)[order], texts, won[order])
