"""NAS-Bench-101 cells as the published files write them, turned into the bytes of their graphs."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt
from reprlib import repr as shown

from ctnas.errors import ArchitectureError
from ctnas.spaces.nasbench101.matrix import MAX_VERTICES, operation_ids

DIGEST_BYTES = 16
MATRIX_BYTES = MAX_VERTICES**2
CELL_BYTES = MATRIX_BYTES + MAX_VERTICES
"""A cell's adjacency matrix of seven vertices, row by row, and then their operation ids."""

_CACHED = 1 << 16


def cell_bytes(matrix: str, operations: str) -> bytes:
    """Return a cell as `CELL_BYTES` bytes.

    Args:
        matrix: its adjacency matrix as a text of 0 and 1, row by row.
        operations: names of the vertices' operations, separated by commas.

    Raises:
        ArchitectureError: saying what is wrong.
    """
    vertices, adjacency = _adjacency_bytes(matrix)
    count, ids = _operation_bytes(operations)
    if count != vertices:
        raise ArchitectureError(f"{vertices} vertices need as many operations, not {count}")
    return adjacency + ids


def digest_bytes(text: object) -> bytes:
    """Return a hash that is written in hex as `DIGEST_BYTES` bytes.

    Raises:
        ArchitectureError: if it is none.
    """
    try:
        digest = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise ArchitectureError(f"{shown(text)} is no MD5 hash in hex")
    return digest


# Few different matrices and lists of operations make up all cells.
@lru_cache(_CACHED)
def _adjacency_bytes(text: str) -> tuple[int, bytes]:
    vertices = isqrt(len(text))
    if not 2 <= vertices <= MAX_VERTICES or vertices**2 != len(text) or set(text) - {"0", "1"}:
        raise ArchitectureError(
            f"an adjacency matrix is written as the 0 and 1 of 2 to {MAX_VERTICES} rows, "
            f"not {shown(text)}"
        )
    rows = [text[vertices * row : vertices * (row + 1)] for row in range(vertices)]
    if any("1" in row[: number + 1] for number, row in enumerate(rows)):
        raise ArchitectureError(
            f"an adjacency matrix must be strictly upper triangular, so that there is no cycle, "
            f"not {shown(text)}"
        )
    padded = "".join(row.ljust(MAX_VERTICES, "0") for row in rows).ljust(MATRIX_BYTES, "0")
    return vertices, bytes(map(int, padded))


@lru_cache(_CACHED)
def _operation_bytes(text: str) -> tuple[int, bytes]:
    ids = bytes(operation_ids(text.split(",")).tolist())
    return len(ids), ids.ljust(MAX_VERTICES, b"\0")
