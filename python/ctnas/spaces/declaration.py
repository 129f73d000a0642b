"""Search spaces that are declared in a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from ctnas.app.text_file import decoded
from ctnas.architecture import PADDING, GraphBatch
from ctnas.errors import InputFileError, SpaceError
from ctnas.spaces.wiring import NO_NODE, check_operations, full_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ctnas.architecture import BoolArray, Int16Array

_KEYS = ("name", "decisions", "nodes", "edges")
_OPTIONAL = "identities"


@dataclass(frozen=True, slots=True)
class Node:
    """A declared node: its name, and an operation or the name of the decision that gives it."""

    name: str
    operation: str


@dataclass(frozen=True, slots=True)
class ConditionalEdge:
    """An edge between declared nodes, and the choices of decisions for which it exists."""

    source: str
    target: str
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a TOML file says about a space."""

    name: str
    decisions: Mapping[str, Sequence[str]]
    nodes: tuple[Node, ...]
    edges: tuple[ConditionalEdge, ...]
    identities: tuple[str, ...] | None


class DeclaredWiring:
    """Wires batches of a declared space: one table lookup a node, one mask an edge.

    Args:
        declaration: decisions, nodes and edges.

    Raises:
        SpaceError: naming the node, edge or decision that cannot be.
    """

    def __init__(self, declaration: Declaration) -> None:
        self._choices = declaration.decisions
        names = [node.name for node in declaration.nodes]
        if len(set(names)) != len(names):
            raise SpaceError(f"two nodes have the same name: {', '.join(names)}")
        _check_ends(declaration)
        self.nodes = len(names)
        operations = [self._operations(node) for node in declaration.nodes]
        check_operations({name for _, some in operations for name in some})
        self.vocabulary = full_vocabulary(sorted({name for _, some in operations for name in some}))
        ids = {name: index for index, name in enumerate(self.vocabulary)} | {NO_NODE: PADDING}
        # Per node: the column that decides (0 where fixed) and the operation id of each choice.
        self._columns = [column for column, _ in operations]
        self._tables = [np.array([ids[name] for name in some]) for _, some in operations]
        self._edges = [self._edge(edge, names) for edge in declaration.edges]
        _check_use(declaration)

    def graphs(self, decisions: Int16Array) -> GraphBatch:
        """Return the graphs of valid rows int16 [N, T]."""
        operations = np.empty((len(decisions), self.nodes), dtype=np.int64)
        for node, (column, table) in enumerate(zip(self._columns, self._tables, strict=True)):
            operations[:, node] = table[0 if len(table) == 1 else decisions[:, column]]
        adjacency = np.zeros((len(decisions), self.nodes, self.nodes), dtype=np.uint8)
        for source, target, conditions in self._edges:
            exists = np.ones(len(decisions), dtype=np.bool_)
            for column, allowed in conditions:
                exists &= allowed[decisions[:, column]]
            adjacency[:, source, target] |= exists
        return GraphBatch(adjacency, operations)

    def _operations(self, node: Node) -> tuple[int, Sequence[str]]:
        """Return the deciding column and the operation of each choice (one if it is fixed)."""
        if node.operation not in self._choices:
            return 0, (node.operation,)
        choices = self._choices[node.operation]
        ends = sorted({"input", "output"} & set(choices))
        if ends:
            raise SpaceError(f"node {node.name!r}: {ends[0]!r} cannot be the choice of a decision")
        return self._column(node.operation), choices

    def _column(self, decision: str) -> int:
        return list(self._choices).index(decision)

    def _edge(
        self, edge: ConditionalEdge, names: list[str]
    ) -> tuple[int, int, list[tuple[int, BoolArray]]]:
        place = f"edge from {edge.source!r} to {edge.target!r}"
        for name in (edge.source, edge.target):
            if name not in names:
                raise SpaceError(f"{place}: no node {name!r}; nodes are {', '.join(names)}")
        source, target = names.index(edge.source), names.index(edge.target)
        if source >= target:
            raise SpaceError(f"{place}: nodes are listed so that edges lead forward; this does not")
        return source, target, [self._condition(place, *item) for item in edge.when.items()]

    def _condition(self, place: str, name: str, choices: tuple[str, ...]) -> tuple[int, BoolArray]:
        if name not in self._choices:
            known = ", ".join(self._choices)
            raise SpaceError(f"{place}: no decision {name!r}; decisions are {known}")
        possible = self._choices[name]
        unknown = next((choice for choice in choices if choice not in possible), None)
        if unknown is not None:
            raise SpaceError(
                f"{place}: decision {name!r} has no choice {unknown!r}; "
                f"choices are {', '.join(possible)}"
            )
        return self._column(name), np.array([choice in choices for choice in possible])


def read_declaration(path: Path) -> Declaration:
    """Read what a TOML file declares; names are resolved later.

    Raises:
        InputFileError: if the file cannot be read.
        SpaceError: if it is no TOML or an entry has another form; the message names file and entry.
    """
    try:
        content = tomllib.loads(decoded(path.read_bytes()))
    except OSError as error:
        raise InputFileError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpaceError(f"{path}: not TOML: {error}") from None
    try:
        return _declaration(content)
    except SpaceError as error:
        raise SpaceError(f"{path}: {error}") from None


def _declaration(content: dict[str, object]) -> Declaration:
    if sorted({*content, _OPTIONAL}) != sorted([*_KEYS, _OPTIONAL]):
        raise SpaceError(
            f"a space has {', '.join(_KEYS)} and at most {_OPTIONAL}, "
            f"not {', '.join(content) or 'nothing'}"
        )
    name, decisions, identities = content["name"], content["decisions"], content.get(_OPTIONAL)
    if not isinstance(name, str) or not isinstance(decisions, dict):
        raise SpaceError(f"name must be text and decisions a table, not {name!r}, {decisions!r}")
    for decision, choices in decisions.items():
        if not _is_words(choices):
            raise SpaceError(f"decision {decision!r} must be a list of names, not {choices!r}")
    if not (identities is None or identities == [] or _is_words(identities)):
        raise SpaceError(f"identities must be a list of operations, not {identities!r}")
    return Declaration(
        name,
        decisions,
        tuple(_node(*entry) for entry in enumerate(_tables(content["nodes"], "nodes"), start=1)),
        tuple(_edge(*entry) for entry in enumerate(_tables(content["edges"], "edges"), start=1)),
        None if identities is None else tuple(cast("list[str]", identities)),
    )


def _tables(value: object, name: str) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise SpaceError(f"{name} must be a list of tables, not {value!r}")
    return value


def _node(number: int, entry: dict[str, object]) -> Node:
    if sorted(entry) != ["name", "operation"] or not _is_words(list(entry.values())):
        raise SpaceError(f"node {number} must have a name and an operation, not {entry!r}")
    return Node(cast("str", entry["name"]), cast("str", entry["operation"]))


def _edge(number: int, entry: dict[str, object]) -> ConditionalEdge:
    ends = [entry.get("from"), entry.get("to")]
    when = entry.get("when", {})
    if not _is_words(ends) or not isinstance(when, dict) or set(entry) - {"from", "to", "when"}:
        raise SpaceError(
            f"edge {number} must have from, to and at most a table when, not {entry!r}"
        )
    conditions = {name: [one] if isinstance(one, str) else one for name, one in when.items()}
    for name, choices in conditions.items():
        if not _is_words(choices):
            raise SpaceError(f"edge {number}: when.{name} must be choices, not {choices!r}")
    source, target = cast("list[str]", ends)
    return ConditionalEdge(source, target, {n: tuple(c) for n, c in conditions.items()})


def _is_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _check_use(declaration: Declaration) -> None:
    used = {node.operation for node in declaration.nodes}
    used.update(decision for edge in declaration.edges for decision in edge.when)
    unused = next((decision for decision in declaration.decisions if decision not in used), None)
    if unused is not None:
        raise SpaceError(f"decision {unused!r} is used by no node and no edge")


def _check_ends(declaration: Declaration) -> None:
    fixed = [node.operation for node in declaration.nodes]
    if "input" not in fixed or fixed.count("output") != 1:
        raise SpaceError(
            f"nodes need an 'input' and exactly one 'output' operation, not {', '.join(fixed)}"
        )
