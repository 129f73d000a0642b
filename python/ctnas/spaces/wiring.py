"""Wiring of user-defined spaces: a function of one architecture, cached and checked."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ctnas.architecture import GraphBatch
from ctnas.errors import SpaceError
from ctnas.spaces.operation_fields import operation_name
from ctnas.spaces.tabulation import tabulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ctnas.architecture import Int16Array
    from ctnas.spaces.decision import Choice, Decision
    from ctnas.spaces.operation_fields import Operation
    from ctnas.spaces.tables import SpaceTables
    from ctnas.spaces.tabulation import Drawn, Row

WiredGraph: TypeAlias = "tuple[Sequence[Operation], Sequence[tuple[int, int]]]"
"""Operations of the nodes (names or fields) in topological order, and pairs of node indices."""

NO_NODE = "none"
"""The operation that removes its node."""
FIXED_VOCABULARY = ("padding", "input", "output")

_ALL_WIRED = 20_000
_PROBES = 2_000
_CACHED = 50_000


def full_vocabulary(operations: Sequence[str]) -> tuple[str, ...]:
    """Return padding, input and output before the given operations; `none` needs no id."""
    left_out = {*FIXED_VOCABULARY, NO_NODE}
    return (*FIXED_VOCABULARY, *(name for name in operations if name not in left_out))


def check_operations(names: Iterable[str]) -> None:
    """Refuse the name of what is no operation.

    Raises:
        SpaceError: for `padding`, which fills graphs of fewer nodes: such a node would vanish.
    """
    if FIXED_VOCABULARY[0] in names:
        raise SpaceError(
            f"{FIXED_VOCABULARY[0]!r} cannot be the name of an operation: it is reserved for "
            f"places without a node; {NO_NODE!r} removes a node, any other name is an operation"
        )


class FunctionWiring:
    """Calls a function once for an architecture and checks what it returns.

    Args:
        space: name of the space, for messages.
        decisions: the decisions of the space.
        wire: maps decision -> choice to the graph.
        vocabulary: operation names, or None to collect them.
        nodes: the largest number of nodes, or None to collect it.
        canonical: makes any row the one that stands for it.

    Raises:
        SpaceError: if a collected architecture is no graph; the message names it.
    """

    def __init__(
        self,
        space: str,
        decisions: tuple[Decision, ...],
        wire: Callable[[Mapping[str, Any]], WiredGraph],
        vocabulary: Sequence[str] | None,
        nodes: int | None,
        canonical: Callable[[Row], Row],
    ) -> None:
        self._space = space
        self._decisions = decisions
        self._function = wire
        self._canonical = canonical
        self._cache: dict[Row, tuple[list[str], frozenset[tuple[int, int]]]] = {}
        if vocabulary is None or nodes is None:
            found, most = self._collect()
            vocabulary = sorted(found) if vocabulary is None else vocabulary
            nodes = most if nodes is None else nodes
        check_operations(vocabulary)
        self.vocabulary = full_vocabulary(vocabulary)
        if len(set(self.vocabulary)) != len(self.vocabulary):
            raise SpaceError(f"the vocabulary names an operation twice: {', '.join(vocabulary)}")
        self.nodes = nodes
        self._ids = {name: index for index, name in enumerate(self.vocabulary)}
        self._ids[NO_NODE] = 0

    def tables(self) -> SpaceTables | None:
        """Return what the function says as tables, or None where it cannot be told so."""
        counts = [len(decision) for decision in self._decisions]
        try:
            return tabulated(self._drawn, counts, self.nodes, self._canonical)
        except SpaceError:
            # Whoever asks for the graph of that architecture is told.
            return None

    def graphs(self, decisions: Int16Array) -> GraphBatch:
        """Return the graphs of valid rows int16 [N, T]; known rows are not wired again."""
        operations = np.zeros((len(decisions), self.nodes), dtype=np.int64)
        adjacency = np.zeros((len(decisions), self.nodes, self.nodes), dtype=np.uint8)
        for row, choices in enumerate(decisions.tolist()):
            ids, edges = self._drawn(self._canonical(tuple(choices)))
            operations[row, : len(ids)] = ids
            if edges:
                adjacency[(row, *np.array(sorted(edges)).T)] = 1
        return GraphBatch(adjacency, operations)

    def _drawn(self, row: Row) -> Drawn:
        """Return operation ids and edges of one architecture."""
        names, edges = self._called(row)
        if len(names) > self.nodes:
            raise SpaceError(
                f"{self._place(row)}: {len(names)} nodes are more than {self.nodes}; "
                f"give the space nodes={len(names)} or more"
            )
        unknown = next((name for name in names if name not in self._ids), None)
        if unknown is not None:
            raise SpaceError(
                f"{self._place(row)}: operation {unknown!r} is not in the vocabulary "
                f"({', '.join(self.vocabulary[3:])}); give the space a vocabulary that has it"
            )
        return [self._ids[name] for name in names], edges

    def _called(self, row: Row) -> tuple[list[str], frozenset[tuple[int, int]]]:
        known = self._cache.get(row)
        if known is None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            known = self._cache[row] = self._call(row)
        return known

    def _call(self, row: Row) -> tuple[list[str], frozenset[tuple[int, int]]]:
        """Return what the function says about one architecture, checked."""
        try:
            operations, edges = self._function(self._choice(row))
            names = [operation_name(operation) for operation in operations]
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise SpaceError(f"{self._place(row)}: wire failed with {error!r}") from error
        if "input" not in names or names.count("output") != 1:
            raise SpaceError(
                f"{self._place(row)}: a graph needs an 'input' and exactly one 'output', "
                f"not {names}"
            )
        check_operations(names)
        for edge in edges:
            first, second = edge
            if not 0 <= first < second < len(names):
                raise SpaceError(
                    f"{self._place(row)}: edge {edge} does not lead forward among "
                    f"{len(names)} nodes in topological order"
                )
        return names, frozenset((int(first), int(second)) for first, second in edges)

    def _choice(self, row: Row) -> dict[str, Choice]:
        return {
            decision.name: decision.choices[index]
            for decision, index in zip(self._decisions, row, strict=True)
        }

    def _place(self, row: Row) -> str:
        text = ",".join(f"{name}={choice}" for name, choice in self._choice(row).items())
        return f"space {self._space!r}, architecture {text}"

    def _collect(self) -> tuple[set[str], int]:
        """Return the operations and the largest number of nodes of the architectures looked at."""
        found: set[str] = set()
        most = 0
        for row in self._looked_at():
            names, _ = self._called(self._canonical(row))
            found.update(names)
            most = max(most, len(names))
        return found, most

    def _looked_at(self) -> Iterator[tuple[int, ...]]:
        """Yield every row of a small space, else every choice once and a sample of fixed seed."""
        counts = [len(decision) for decision in self._decisions]
        if prod(counts) <= _ALL_WIRED:
            yield from product(*(range(count) for count in counts))
            return
        for position, count in enumerate(counts):
            for index in range(count):
                yield (*[0] * position, index, *[0] * (len(counts) - position - 1))
        rows = np.random.default_rng(0).integers(0, counts, size=(_PROBES, len(counts)))
        for sampled in rows.tolist():
            yield tuple(sampled)
