"""One shard of the candidates, read and encoded by itself: the work of a Ray actor."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas import errors
from ctnas.errors import CtnasError
from ctnas.labels.blocks import InvalidRow
from ctnas.labels.reading import iterate_architectures
from ctnas.labels.streams import is_uri, table_name
from ctnas.ranking.limits import CostLimits
from ctnas.ranking.local import EncodedChunk, encode_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnas.spaces import SearchSpace


@dataclass(frozen=True, slots=True)
class ShardOptions:
    """How every shard is read and encoded.

    Attributes:
        ranker: the content of `ranker.onnx`, so that no other machine needs the file.
        space: what the comparator compares architectures of.
        provider: "cpu" or "cuda".
        threads: CPU threads of an actor.
        skip_invalid: pass rows on that cannot be used, instead of ending with an error.
        max_madds: largest number of multiply-adds of a candidate, or None.
        max_params: largest number of parameters of a candidate, or None.
    """

    ranker: bytes
    space: SearchSpace
    provider: str
    threads: int
    skip_invalid: bool
    max_madds: float | None
    max_params: float | None


@dataclass(frozen=True, slots=True)
class ShardPiece:
    """A part of what became of a shard.

    Attributes:
        place: number of the shard and of the part in it.
        chunk: encoded candidates.
        invalid: the rows that could not be used.
        left_out: how many candidates cost too much.
        process: id of the process that did the work.
    """

    place: tuple[int, int]
    chunk: EncodedChunk
    invalid: list[InvalidRow]
    left_out: int
    process: int


class ShardEncoder:
    """Loads a comparator once, and encodes one shard after the other.

    Args:
        options: of all shards.
    """

    def __init__(self, options: ShardOptions) -> None:
        from ctnas.comparator.runtime import Comparator

        self._comparator = Comparator.of_bytes(
            options.ranker, options.provider, options.threads, options.space
        )
        self._options = options

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Encode the shards of a batch; yield columns of one row, a part of a shard each.

        An error that ctnas raises on purpose is a row too: Ray would wrap it in its own words.
        """
        for shard, file in zip(batch["shard"].tolist(), batch["file"].tolist(), strict=True):
            try:
                for number, piece in enumerate(self._pieces(file)):
                    yield _to_columns(shard, number, piece)
            except CtnasError as error:
                message = str(error).replace(_absolute(file), table_name(file))
                yield _row(shard, -1, error=json.dumps([type(error).__name__, message]))

    def _pieces(self, file: str) -> Iterator[tuple[EncodedChunk, list[InvalidRow], int]]:
        options = self._options
        limits = CostLimits(options.space, options.max_madds, options.max_params)
        invalid: list[InvalidRow] = []
        on_invalid = invalid.append if options.skip_invalid else None
        for chunk in iterate_architectures(_absolute(file), options.space, on_invalid=on_invalid):
            limits.left_out = 0
            encoded = encode_chunk(self._comparator, limits.within(chunk), table_name(file))
            yield encoded, _named(invalid, file), limits.left_out
            invalid.clear()
        if invalid:
            nothing = options.space.parse([])
            encoded = encode_chunk(self._comparator, _empty_chunk(nothing), table_name(file))
            yield encoded, _named(invalid, file), 0


def read_piece(row: dict[str, Any], files: list[str]) -> ShardPiece:
    """Return what a row of an actor's output says.

    Args:
        row: one row of what `ShardEncoder` yields.
        files: all shards, by number.

    Raises:
        CtnasError: the one that ended the work on the shard.
    """
    if row["error"]:
        kind, message = json.loads(row["error"])
        raise getattr(errors, kind)(message)
    rows = np.frombuffer(row["rows"], np.int64)
    is_range = len(rows) > 0 and rows[-1] - rows[0] == len(rows) - 1
    decisions = np.frombuffer(row["decisions"], row["dtype"])
    chunk = EncodedChunk(
        table_name(files[row["shard"]]),
        range(int(rows[0]), int(rows[-1]) + 1) if is_range else rows,
        decisions.reshape(len(rows), -1) if len(rows) else decisions.reshape(0, 0),
        np.frombuffer(row["challenger"], np.float32),
        np.frombuffer(row["opponent"], np.float32),
    )
    invalid = [InvalidRow(**entry) for entry in json.loads(row["invalid"])]
    place = (row["shard"], row["part"])
    return ShardPiece(place, chunk, invalid, row["left_out"], row["process"])


def _to_columns(
    shard: int, number: int, piece: tuple[EncodedChunk, list[InvalidRow], int]
) -> dict[str, Any]:
    chunk, invalid, left_out = piece
    return _row(
        shard,
        number,
        rows=np.array(chunk.rows, dtype=np.int64).tobytes(),
        decisions=chunk.decisions.tobytes(),
        dtype=str(chunk.decisions.dtype),
        challenger=chunk.challenger.tobytes(),
        opponent=chunk.opponent.tobytes(),
        invalid=json.dumps([asdict(row) for row in invalid]),
        left_out=left_out,
    )


def _row(shard: int, number: int, **cells: Any) -> dict[str, Any]:
    """Return columns of one row, with defaults where nothing is given."""
    row: dict[str, Any] = {
        "shard": shard,
        "part": number,
        "process": os.getpid(),
        "rows": b"",
        "decisions": b"",
        "dtype": "int8",
        "challenger": b"",
        "opponent": b"",
        "invalid": "[]",
        "left_out": 0,
        "error": "",
        **cells,
    }
    return {name: [cell] for name, cell in row.items()}


def _empty_chunk(nothing: Any) -> Any:
    from ctnas.labels.reading import ArchitectureChunk

    return ArchitectureChunk(nothing, np.empty(0, dtype=np.int64))


def _absolute(file: str) -> str:
    """Return a path that means the same in a process that works elsewhere."""
    return file if is_uri(file) else str(Path(file).absolute())


def _named(invalid: list[InvalidRow], file: str) -> list[InvalidRow]:
    """Return invalid rows under the name by which the user called their file."""
    return [replace(row, path=table_name(file)) for row in invalid]
