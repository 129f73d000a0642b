"""The NAS-Bench-101 space: cells of at most 7 vertices and 9 edges."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ctnas.architecture import ArchitectureBatch, GraphBatch
from ctnas.checked import seeded, whole
from ctnas.errors import SpaceError
from ctnas.spaces.decision import Decision
from ctnas.spaces.nasbench101.matrix import (
    MAX_VERTICES,
    NASBENCH101_OPERATIONS,
    cell_of_matrix,
    matrix_of_text,
    split_text,
)
from ctnas.spaces.space import Costs, SearchSpace
from ctnas.spaces.tables import SpaceTables
from ctnas.spaces.text_form import compiled_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ctnas._core import SpaceText
    from ctnas.architecture import Int16Array, Int64Array, UInt8Array

_FURTHER_EDGES = 5
_NAMES = ("input", *(f"vertex{vertex}" for vertex in range(1, MAX_VERTICES - 1)), "output")
_BITS = tuple(combinations(range(MAX_VERTICES), 2))


def _decisions() -> tuple[Decision, ...]:
    operations = ("none", *NASBENCH101_OPERATIONS)
    pairs = sorted(_BITS, key=lambda edge: edge[::-1])
    edges = ("none", *(f"{_NAMES[i]}-{_NAMES[j]}" for i, j in pairs))
    return (
        *(Decision(f"{vertex}.operation", operations) for vertex in _NAMES[1:-1]),
        *(Decision(f"{_NAMES[j]}.predecessor", _NAMES[:j]) for j in range(2, MAX_VERTICES)),
        *(Decision(f"edge{number}", edges) for number in range(1, _FURTHER_EDGES + 1)),
    )


class NasBench101Space(SearchSpace):
    """423,624 cells: input, output and up to five operations, joined by up to nine edges.

    Every row of decisions is a valid cell and every valid cell is a row. A row has, in this order,
    the operation of each of five interior vertices, one predecessor of each of the vertices 2 to 6
    (6 is the output; vertex 1 reads the input) and five further edges:

    - A vertex of operation `none` does not exist. What picks it as predecessor gets its predecessor
      instead; further edges at it do not exist either.
    - A vertex that feeds nothing feeds the output.
    - Of the further edges the last are left out while there are more than nine edges. If there
      still are more, the last vertices that feed nothing are left out.

    The limit of nine edges is part of how a row is read, not a constraint that rows may break:
    every row is a cell, so that nothing that is drawn or changed has to be thrown away.

    Several rows may stand for one cell; `sample`, `enumerate`, `parse` and `from_graphs` give the
    same row for equal cells. Isomorphic cells are one architecture: `is_distinct` and `hashes` take
    them for one, and `size` counts each once.

    Text is the upper triangle of the adjacency matrix, row by row, and the operations:
    `1100.010.01.1 input|conv3x3-bn-relu|maxpool3x3|conv1x1-bn-relu|output`.

    Source: appendix E; Ying et al., "NAS-Bench-101", ICML 2019.
    """

    name = "nasbench101"
    decisions = _decisions()
    vocabulary = ("padding", "input", "output", *NASBENCH101_OPERATIONS)
    nodes = MAX_VERTICES
    size = 423_624

    def from_matrix(self, matrix: ArrayLike, operations: Sequence[str]) -> ArchitectureBatch:
        """Return the cell of an adjacency matrix and its vertices' operations, in official terms.

        Vertices that lie on no path from the input to the output are removed first, as the
        benchmark does; the limits hold for what remains.

        Args:
            matrix: strictly upper triangular, 0 or 1; `matrix[i][j] = 1` when i feeds j.
            operations: `"input"`, any of `NASBENCH101_OPERATIONS`, `"output"`.

        Returns:
            A batch of one architecture.

        Raises:
            ArchitectureError: saying which rule is broken.
        """
        return self.from_graphs(cell_of_matrix(matrix, operations))

    def to_matrix(self, batch: ArchitectureBatch) -> list[tuple[UInt8Array, list[str]]]:
        """Return each cell as adjacency matrix uint8 [v, v] and v operations; the inverse."""
        graphs = self.graphs(batch)
        counts = np.count_nonzero(graphs.operations, axis=1).tolist()
        return [
            (graphs.adjacency[row, :v, :v].copy(), [self.vocabulary[id_] for id_ in ids[:v]])
            for row, (v, ids) in enumerate(zip(counts, graphs.operations.tolist(), strict=True))
        ]

    def from_graphs(self, graphs: GraphBatch) -> ArchitectureBatch:
        """Return the architectures that cells without dead vertices are; the inverse of `graphs`.

        Raises:
            ArchitectureError: naming the row and the rule that its graph breaks.
        """
        from ctnas._core import nasbench101_encode

        adjacency, operations = _contiguous(graphs)
        return ArchitectureBatch(self.name, nasbench101_encode(adjacency, operations))

    def hashes(self, batch: ArchitectureBatch) -> list[str]:
        """Return the hash of each cell by which the published tables are indexed, in hex."""
        return [digest.tobytes().hex() for digest in self._digests(batch)]

    def enumerate(self) -> ArchitectureBatch:
        """Return all cells that are not isomorphic to each other, in ascending order of hash."""
        return ArchitectureBatch(self.name, _all_rows().copy())

    def sample(self, count: int, seed: int | np.random.Generator) -> ArchitectureBatch:
        """Draw `count` cells uniformly, without repetition; isomorphic cells count once.

        Raises:
            SpaceError: if there are fewer than `count`.
        """
        count = whole("count", count, 0)
        if count > self.size:
            raise SpaceError(
                f"space {self.name!r} has {self.size:,} architectures, fewer than {count:,}"
            )
        chosen = np.random.default_rng(seeded(seed)).choice(self.size, size=count, replace=False)
        return ArchitectureBatch(self.name, _all_rows()[chosen])

    def costs(self, batch: ArchitectureBatch) -> Costs:
        """Return what the benchmark's networks for CIFAR-10 cost: 9 cells, 128 channels first.

        A multiply-add of a convolution or of the classifier counts one.
        """
        from ctnas._core import nasbench101_costs

        return Costs(*nasbench101_costs(*_contiguous(self.graphs(batch))))

    def _digests(self, batch: ArchitectureBatch) -> UInt8Array:
        from ctnas._core import nasbench101_hash

        return nasbench101_hash(*_contiguous(self.graphs(batch)))

    def _tables(self) -> SpaceTables:
        return SpaceTables(nasbench101_cells=True)

    def _text_form(self) -> SpaceText:
        return compiled_text(self.decisions, None, "", nasbench101_cells=True)

    def _parse_one(self, text: str) -> Sequence[int]:
        matrix, operations = split_text(text)
        cell = cell_of_matrix(matrix_of_text(matrix), operations.split("|"))
        row: Sequence[int] = self.from_graphs(cell).decisions[0].tolist()
        return row


@cache
def _all_rows() -> Int16Array:
    """Return the rows of all cells in ascending order of hash, int16 [423624, 15]."""
    from ctnas._core import nasbench101_enumerate

    rows, _ = nasbench101_enumerate()
    return rows


def _contiguous(graphs: GraphBatch) -> tuple[UInt8Array, Int64Array]:
    return np.ascontiguousarray(graphs.adjacency), np.ascontiguousarray(graphs.operations)
