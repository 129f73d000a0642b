"""A search space of one's own: named decisions and a function, or a file, that wires them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ctnas.checked import checked_path
from ctnas.errors import SpaceError
from ctnas.spaces.decision import checked_decisions
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.declaration import read_declaration
from ctnas.spaces.declared_wiring import DeclaredWiring
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.rules import declared_rules
from ctnas.spaces.tabled_space import TabledSpace, checked_identities
from ctnas.spaces.wiring import FunctionWiring, WiredGraph

if TYPE_CHECKING:
    from ctnas.architecture import GraphBatch, Int16Array
    from ctnas.spaces.activity import Conditions
    from ctnas.spaces.decision import Choice
    from ctnas.spaces.declaration import Declaration
    from ctnas.spaces.space import SearchSpace
    from ctnas.spaces.tables import SpaceTables

Wire: TypeAlias = Callable[[Mapping[str, Any]], WiredGraph]
"""Takes the choice made for every decision; returns operation names and edges of the graph."""


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
        text: how architectures are written: `{decision}` stands for its choice, `[...]` is there
            where the first decision in it is active, as in `"{depth}:{width1}[-{width2}]"`.
        forbidden: combinations of choices that no architecture may make: decisions, and the
            choice or the choices that are meant. One on a decision that is not active does not
            hold.
        most_edges: that a graph may have, dead nodes left out.
        costs: what is added up to multiply-adds and parameters: tables with `madds`, `parameters`
            or both, and `when` they count: decisions, and the choice or the choices.

    Raises:
        SpaceError: if names repeat or cannot be written as text, if an identity is no operation, or
            if the rule returns what is no graph; the message names the architecture.
    """

    def __init__(
        self,
        name: str,
        decisions: Mapping[str, Sequence[Choice]],
        wire: Wire,
        *,
        vocabulary: Sequence[str] | None = None,
        nodes: int | None = None,
        identities: Sequence[str] | None = None,
        active: Mapping[str, Conditions] | None = None,
        text: str | None = None,
        forbidden: Sequence[Mapping[str, Any]] = (),
        most_edges: int | None = None,
        costs: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(
            name, decisions, active, declared_rules(text, forbidden, most_edges, costs)
        )
        self._wiring = FunctionWiring(
            name, self.decisions, wire, vocabulary, nodes, self._canonical_row
        )
        self.vocabulary = self._wiring.vocabulary
        self.nodes = self._wiring.nodes
        self.identities = checked_identities(name, self.vocabulary, identities)

    def _canonical_row(self, row: tuple[int, ...]) -> tuple[int, ...]:
        if not self._activity:
            return row
        return tuple(self._activity.canonical(np.array([row], dtype=np.int16))[0].tolist())

    @staticmethod
    def from_toml(path: str | Path) -> SearchSpace:
        """Read a space from a declarative TOML file.

        The file has a `name` and a table `decisions` (name = list of choices: names, or numbers).
        That alone is a `DecisionSpace`. With wiring it also has a list `nodes` in topological order
        and a list `edges`. A node has a `name` and an `operation`: a fixed one, the name of the
        decision whose choice it is, or fields, the values of which may be names of decisions; and,
        optionally, `when`: a table of decisions with the choice or the choices for which it exists
        (`otherwise = "bypass"` lets what feeds it feed all that it would have fed, where no path
        leads through otherwise). An edge has `from`, `to` and, optionally, `when`. `active` is a
        table of decisions that matter only when others say so, each with such conditions, and
        `identities` a list of operations that pass on what they get. `text`, `forbidden`,
        `most_edges` and `costs` are what a `GraphSpace` takes by these names:

            name = "chain"
            forbidden = [{ op = "conv3x3", shortcut = "yes" }]
            costs = [{ madds = 900, when = { op = "conv3x3" } }, { madds = 100 }]
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
        declaration = read_declaration(Path(checked_path("path", path)))
        try:
            return declared_space(declaration)
        except SpaceError as error:
            raise SpaceError(f"{path}: {error}") from None

    def _tables(self) -> SpaceTables | None:
        return self._wiring.tables()

    def _wire(self, decisions: Int16Array) -> GraphBatch:
        return self._wiring.graphs(decisions)


def declared_space(declaration: Declaration) -> SearchSpace:
    """Return the space that is declared; one without nodes is nothing but decisions.

    Raises:
        SpaceError: naming the node, edge or decision that cannot be.
    """
    name, decisions, active = declaration.name, declaration.decisions, declaration.active
    if not declaration.nodes:
        return DecisionSpace(name, decisions, active, **declaration.rules.plain())
    wiring = DeclaredWiring(declaration, checked_decisions(name, decisions))
    return TabledSpace(
        name,
        decisions,
        active,
        wiring.tables(),
        wiring.vocabulary,
        declaration.identities,
        declaration.rules,
    )
