"""Wiring of user-defined spaces: a function of one architecture, cached and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from ctnas.architecture import GraphBatch
from ctnas.errors import SpaceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctnas.architecture import Int16Array, Int64Array, UInt8Array
    from ctnas.spaces.decision import Choice, Decision

WiredGraph: TypeAlias = tuple[Sequence[str], Sequence[tuple[int, int]]]
"""Operation names of the nodes in topological order, and edges as pairs of node indices."""

NO_NODE = "none"
"""The operation that removes its node."""
FIXED_VOCABULARY = ("padding", "input", "output")

_ALL_WIRED = 20_000
_PROBES = 2_000
_CACHED = 50_000


class Wiring(Protocol):
    """Turns rows of decisions into graphs over a vocabulary."""

    vocabulary: tuple[str, ...]
    nodes: int

    def graphs(self, decisions: Int16Array) -> GraphBatch:
        """Return the graphs of valid rows int16 [N, T]."""


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


@dataclass(frozen=True, slots=True)
class _Wired:
    """One architecture's graph: operation ids int64 [V], adjacency uint8 [V, V]."""

    operations: Int64Array
    adjacency: UInt8Array


class FunctionWiring:
    """Calls a function once for an architecture and checks what it returns.

    Args:
        space: name of the space, for messages.
        decisions: the decisions of the space.
        wire: maps decision -> choice to the graph.
        vocabulary: operation names, or None to collect them.
        nodes: the largest number of nodes, or None to collect it.

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
    ) -> None:
        self._space = space
        self._decisions = decisions
        self._function = wire
        self._cache: dict[tuple[int, ...], _Wired] = {}
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

    def graphs(self, decisions: Int16Array) -> GraphBatch:
        """Return the graphs of valid rows int16 [N, T]; known rows are not wired again."""
        wired = [self._wired(tuple(row)) for row in decisions.tolist()]
        operations = np.empty((len(wired), self.nodes), dtype=np.int64)
        adjacency = np.empty((len(wired), self.nodes, self.nodes), dtype=np.uint8)
        for row, graph in enumerate(wired):
            operations[row], adjacency[row] = graph.operations, graph.adjacency
        return GraphBatch(adjacency, operations)

    def _wired(self, row: tuple[int, ...]) -> _Wired:
        known = self._cache.get(row)
        if known is None:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            known = self._cache[row] = self._encode(row)
        return known

    def _encode(self, row: tuple[int, ...]) -> _Wired:
        names, edges = self._call(row)
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
        operations = np.zeros(self.nodes, dtype=np.int64)
        operations[: len(names)] = [self._ids[name] for name in names]
        adjacency = np.zeros((self.nodes, self.nodes), dtype=np.uint8)
        if edges:
            adjacency[tuple(np.array(edges).T)] = 1
        return _Wired(operations, adjacency)

    def _call(self, row: tuple[int, ...]) -> WiredGraph:
        """Return what the function says about one architecture, checked."""
        try:
            names, edges = self._function(self._choice(row))
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise SpaceError(f"{self._place(row)}: wire failed with {error!r}") from error
        if "input" not in names or list(names).count("output") != 1:
            raise SpaceError(
                f"{self._place(row)}: a graph needs an 'input' and exactly one 'output', "
                f"not {list(names)}"
            )
        check_operations(names)
        for edge in edges:
            first, second = edge
            if not 0 <= first < second < len(names):
                raise SpaceError(
                    f"{self._place(row)}: edge {edge} does not lead forward among "
                    f"{len(names)} nodes in topological order"
                )
        return names, edges

    def _choice(self, row: tuple[int, ...]) -> dict[str, Choice]:
        return {
            decision.name: decision.choices[index]
            for decision, index in zip(self._decisions, row, strict=True)
        }

    def _place(self, row: tuple[int, ...]) -> str:
        text = ",".join(f"{name}={choice}" for name, choice in self._choice(row).items())
        return f"space {self._space!r}, architecture {text}"

    def _collect(self) -> tuple[set[str], int]:
        """Return the operations and the largest number of nodes of the architectures looked at."""
        found: set[str] = set()
        most = 0
        for row in self._looked_at():
            names, _ = self._call(row)
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
