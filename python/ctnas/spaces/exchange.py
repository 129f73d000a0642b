"""Declared spaces as one text that travels inside exported comparators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ctnas.errors import SpaceError
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.declaration import RULES
from ctnas.spaces.named_decisions import NamedDecisions
from ctnas.spaces.rules import declared_rules
from ctnas.spaces.tabled_space import TabledSpace
from ctnas.spaces.tables import ChoiceTable, SpaceTables

if TYPE_CHECKING:
    from ctnas.spaces.space import SearchSpace

VERSION = 2
"""Of the form of declarations; a file with a higher one is from a newer ctnas.

Text, constraints and costs came with 2; what has none of them is written as 1.
"""


def declaration_text(space: SearchSpace) -> str | None:
    """Return a space as JSON, or None where only code of its own can wire or write it.

    Python knows built-in spaces by their names; other programs read their texts by this.
    """
    if space.text is None:
        return None
    rules = space.rules.plain() if isinstance(space, NamedDecisions) else {"text": space.text}
    content: dict[str, Any] = {
        "version": VERSION if rules else 1,
        "name": space.name,
        "decisions": {decision.name: list(decision.choices) for decision in space.decisions},
        "active": space.active_when,
        **rules,
    }
    if not isinstance(space, DecisionSpace):
        if space.tables is None:
            return None
        content["vocabulary"] = list(space.vocabulary)
        content["identities"] = list(space.identities)
        content |= _plain_tables(space.tables)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def space_of_declaration(text: str) -> SearchSpace:
    """Return the space that a text declares.

    Raises:
        SpaceError: if the text is damaged, or from a newer version.
    """
    try:
        content = json.loads(text)
        version = content["version"]
        if version in range(1, VERSION + 1):
            return _declared(content)
    except SpaceError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise SpaceError(f"the declaration of its space is damaged: {error!r}") from None
    raise SpaceError(f"its space is declared in form {version!r}: a newer ctnas can read that")


def _declared(content: dict[str, Any]) -> SearchSpace:
    name, decisions, active = content["name"], content["decisions"], content["active"]
    rules = {key: content[key] for key in RULES if key in content}
    if "nodes" not in content:
        return DecisionSpace(name, decisions, active, **rules)
    space = TabledSpace(
        name,
        decisions,
        active,
        _tables_of(content),
        content["vocabulary"],
        content["identities"],
        declared_rules(**rules),
    )
    if space.core is None or _largest_id(space.tables) >= len(space.vocabulary):
        raise SpaceError("the declaration of its space has an operation that it does not name")
    return space


def _plain_tables(tables: SpaceTables) -> dict[str, Any]:
    numbers: dict[ChoiceTable, int] = {}
    nodes = [[numbers.setdefault(t, len(numbers)), decision] for t, decision in tables.nodes]
    edges = [
        [source, target, *(numbers.setdefault(table, len(numbers)) for table in conditions)]
        for source, target, conditions in tables.edges
    ]
    plain = [[list(table.columns), list(table.values)] for table in numbers]
    return {"tables": plain, "nodes": nodes, "edges": edges}


def _tables_of(content: dict[str, Any]) -> SpaceTables:
    tables = [ChoiceTable(tuple(columns), tuple(values)) for columns, values in content["tables"]]
    result = SpaceTables()
    for table, decision in content["nodes"]:
        result.node(tables[table], decision)
    for source, target, *conditions in content["edges"]:
        result.edge(source, target, *(tables[number] for number in conditions))
    return result


def _largest_id(tables: SpaceTables | None) -> int:
    return max((max(table.values) for table, _ in tables.nodes), default=0) if tables else 0
