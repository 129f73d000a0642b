"""Rank candidates on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ctnas.architecture import Float32Array, Float64Array, Int64Array
    from ctnas.comparator.runtime import Comparator
    from ctnas.labels.reading import ArchitectureChunk

MOST_CANDIDATES = 2**31 - 1
"""More are not compared with each other at once: their logits alone take 16 GiB."""


@dataclass(frozen=True, slots=True)
class RankedRows:
    """Candidates with their places and win probabilities, best first unless said otherwise.

    Attributes:
        rows: int64 [K], where each stands in its file.
        architectures: K texts.
        win_probability: float64 [K], Eq. 5.
        files: K names of files.
    """

    rows: Int64Array
    architectures: list[str]
    win_probability: Float64Array
    files: list[str]


@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """Consecutive candidates of one file, encoded.

    Attributes:
        file: its name.
        rows: where each of N candidates stands there; a range where they are consecutive.
        decisions: int8 or int16 [N, T].
        challenger: float32 [N], challenger logits.
        opponent: float32 [N], opponent logits.
    """

    file: str
    rows: range | Int64Array
    decisions: NDArray[np.int8 | np.int16]
    challenger: Float32Array
    opponent: Float32Array

    def __len__(self) -> int:
        return len(self.rows)


def encode_chunk(comparator: Comparator, chunk: ArchitectureChunk, file: str = "") -> EncodedChunk:
    """Encode candidates.

    Decisions are kept as single bytes where their choices allow.

    Raises:
        ArchitectureError: if they are not of the comparator's space.
    """
    challenger, opponent = comparator.encode(chunk.architectures)
    small = int(comparator.space.choices.max()) <= np.iinfo(np.int8).max
    wide = chunk.architectures.decisions
    decisions: NDArray[np.int8 | np.int16] = wide.astype(np.int8) if small else wide
    return EncodedChunk(file, _as_range(chunk.rows), decisions, challenger, opponent)


def _as_range(rows: Int64Array) -> range | Int64Array:
    """Return consecutive rows as a range, which takes no memory."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return range(int(rows[0]), int(rows[-1]) + 1)
    return rows


class CandidatePool:
    """Candidates that arrive piece by piece and are compared with each other at the end.

    An architecture takes 8 bytes beside its decisions, and 8 more once it is scored.

    Args:
        comparator: scores them.
        opponents: float32 [M], opponent logits of whom they are compared with; without them every
            candidate meets all the others.
    """

    def __init__(self, comparator: Comparator, opponents: Float32Array | None = None) -> None:
        self._comparator = comparator
        self._opponents = opponents
        self._chunks: list[EncodedChunk] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, chunk: ArchitectureChunk, file: str = "") -> None:
        """Encode a chunk of candidates."""
        self.add_encoded(encode_chunk(self._comparator, chunk, file))

    def add_encoded(self, chunk: EncodedChunk) -> None:
        """Take in candidates that were encoded elsewhere.

        Raises:
            ArchitectureError: if there are more than `MOST_CANDIDATES`.
        """
        if self._count + len(chunk) > MOST_CANDIDATES:
            raise ArchitectureError(
                f"at most {MOST_CANDIDATES:,} architectures are ranked at once: "
                "rank parts against the same opponents (--against)"
            )
        if len(chunk):
            self._chunks.append(chunk)
            self._count += len(chunk)

    def win_probability(self) -> Float64Array:
        """Return the mean probability to win, float64 [N], in the order of arrival (Eq. 5).

        Raises:
            ArchitectureError: if there is nobody to win against.
        """
        if self._opponents is None:
            self._check_count()
            challenger, opponent = self._joined("challenger"), self._joined("opponent")
            return _core.mean_win_probability(challenger, opponent)
        if not self._count:
            raise ArchitectureError("ranking needs at least one architecture, not 0")
        return _core.mean_win_probability_against(self._joined("challenger"), self._opponents)

    def best(self, top: int, win_probability: Float64Array | None = None) -> RankedRows:
        """Return the `top` candidates (all if there are fewer), best first, ties by arrival.

        Args:
            top: how many.
            win_probability: what the method of that name returned, if it was called already.

        Raises:
            ArchitectureError: if there is nobody to win against.
        """
        won = self.win_probability() if win_probability is None else win_probability
        order = _core.best_first(won, min(top, self._count))
        ends = np.cumsum([len(chunk) for chunk in self._chunks])
        holders = np.searchsorted(ends, order, side="right")
        places = order - np.concatenate([[0], ends])[holders]
        picked = [
            (self._chunks[holder], place)
            for holder, place in zip(holders.tolist(), places.tolist(), strict=True)
        ]
        rows = np.array([chunk.rows[place] for chunk, place in picked], dtype=np.int64)
        decisions = np.stack([chunk.decisions[place] for chunk, place in picked])
        files = [chunk.file for chunk, _ in picked]
        return RankedRows(rows, self._texts(decisions), won[order], files)

    def scored(self, win_probability: Float64Array) -> Iterator[RankedRows]:
        """Yield all candidates in the order of arrival, piece by piece."""
        start = 0
        for chunk in self._chunks:
            won = win_probability[start : start + len(chunk)]
            rows = np.array(chunk.rows, dtype=np.int64)
            yield RankedRows(rows, self._texts(chunk.decisions), won, [chunk.file] * len(chunk))
            start += len(chunk)

    def _check_count(self) -> None:
        if self._count < 2:
            raise ArchitectureError(
                f"ranking needs at least two architectures, not {self._count}: "
                "the win probability of a single one is undefined"
            )

    def _joined(self, name: Literal["challenger", "opponent"]) -> Float32Array:
        """Return the logits of all candidates; chunks keep views, so that nothing is kept twice."""
        parts: list[Float32Array] = [getattr(chunk, name) for chunk in self._chunks]
        joined = np.concatenate(parts)
        views = np.split(joined, np.cumsum([len(part) for part in parts[:-1]]))
        for number, view in enumerate(views):
            kept: dict[str, Any] = {name: view}
            self._chunks[number] = replace(self._chunks[number], **kept)
        return joined

    def _texts(self, decisions: NDArray[np.int8 | np.int16]) -> list[str]:
        space = self._comparator.space
        return space.format(ArchitectureBatch(space.name, decisions.astype(np.int16)))
