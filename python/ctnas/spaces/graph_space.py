"""A search space of one's own: named decisions and a function, or a file, that wires them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ctnas.errors import SpaceError
from ctnas.spaces.declaration import DeclaredWiring, read_declaration
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.wiring import FIXED_VOCABULARY, FunctionWiring, WiredGraph, Wiring

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch, Int16Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice

Wire: TypeAlias = Callable[[Mapping[str, Any]], WiredGraph]
"""Takes the choice made for every decision; returns operation names and edges of the graph."""

_USUAL_IDENTITIES = frozenset({"identity", "skip", "skip_connect"})


class GraphSpace(NamedDecisions):
    """A search space that is made of named decisions and a rule that wires a choice of them.

    The rule returns the operations of the nodes in topological order, among them at least one
    `"input"` and exactly one `"output"`, and the edges as pairs of node indices, each leading
    forward. A node whose operation is `"none"` is no node at all: no path leads through it.

    Text is `decision=choice,decision=choice`; `parse` takes the decisions in any order.

    Example:
        >>> def wire(choice):
        ...     nodes = ["input", choice["first"], choice["second"], "output"]
        ...     edges = [(0, 1), (1, 2), (2, 3)]
        ...     if choice["shortcut"] == "yes":
        ...         edges.append((0, 3))
        ...     return nodes, edges
        >>> operations = ["conv3x3", "conv1x1", "none"]
        >>> space = GraphSpace(
        ...     "chain",
        ...     {"first": operations, "second": operations, "shortcut": ["yes", "no"]},
        ...     wire,
        ... )
        >>> space.format(space.enumerate()[:1])
        ['first=conv3x3,second=conv3x3,shortcut=yes']

    Args:
        name: what an exported comparator calls the space.
        decisions: the choices of every decision, names or numbers, in the order in which a policy
            takes them.
        wire: the rule. It gets numbers as numbers, is called about once for an architecture and
            must not depend on anything else.
        vocabulary: names of all operations besides input, output and `none`. If it is not given,
            it is collected: from all architectures of a small space, else from a sample.
        nodes: the largest number of nodes of a graph, collected likewise.
        identities: names of the operations that pass on what they get. If they are not given, they
            are the operations that are called `"identity"`, `"skip"` or `"skip_connect"`.
        active: for decisions that are not always active, the decisions that must be active and
            have made a certain choice, or one of certain choices. Where a decision is not active
            the rule is given its first choice.

    Raises:
        SpaceError: if names repeat or cannot be written as text, if an identity is no operation, or
            if the rule returns what is no graph; the message names the architecture.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        wire: Wire | DeclaredWiring,
        *,
        vocabulary: Sequence[str] | None = None,
        nodes: int | None = None,
        identities: Sequence[str] | None = None,
        active: Mapping[str, Conditions] | None = None,
    ) -> None:
        super().__init__(name, decisions, active)
        self._wiring: Wiring = (
            wire
            if isinstance(wire, DeclaredWiring)
            else FunctionWiring(name, self.decisions, wire, vocabulary, nodes)
        )
        self.vocabulary = self._wiring.vocabulary
        self.nodes = self._wiring.nodes
        self.identities = _checked_identities(name, self.vocabulary, identities)

    @classmethod
    def from_toml(cls, path: str | Path) -> GraphSpace:
        """Read a space from a declarative TOML file.

        The file has a `name`, a table `decisions` (name = list of choices), a list `nodes` in
        topological order (each a `name` and an `operation`: a fixed one, or the name of the
        decision whose choice it is), a list `edges` (each `from`, `to` and, optionally, `when`: a
        table of decisions with the choice or the choices for which the edge exists) and, where
        wanted, a list `identities`:

            name = "chain"
            nodes = [
                { name = "in", operation = "input" },
                { name = "first", operation = "op" },
                { name = "out", operation = "output" },
            ]
            edges = [
                { from = "in", to = "first" },
                { from = "first", to = "out" },
                { from = "in", to = "out", when = { shortcut = "yes" } },
            ]
            [decisions]
            op = ["conv3x3", "conv1x1"]
            shortcut = ["yes", "no"]

        Raises:
            InputFileError: if the file cannot be read.
            SpaceError: if it is no TOML or declares no space; the message names file and entry.
        """
        declaration = read_declaration(Path(path))
        try:
            return cls(
                declaration.name,
                declaration.decisions,
                DeclaredWiring(declaration),
                identities=declaration.identities,
            )
        except SpaceError as error:
            raise SpaceError(f"{path}: {error}") from None

    def _wire(self, decisions: Int16Array) -> GraphBatch:
        return self._wiring.graphs(self._activity.canonical(decisions))


def _checked_identities(
    space: str, vocabulary: Sequence[str], named: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the operations that pass on what they get."""
    if named is None:
        return tuple(name for name in vocabulary if name in _USUAL_IDENTITIES)
    unknown = next(
        (name for name in named if name not in vocabulary[len(FIXED_VOCABULARY) :]), None
    )
    if unknown is not None:
        raise SpaceError(
            f"space {space!r} has no operation {unknown!r} that could be an identity; "
            f"operations are {', '.join(vocabulary[len(FIXED_VOCABULARY) :])}"
        )
    return tuple(named)
