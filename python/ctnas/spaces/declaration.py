"""Search spaces as plain values: what a TOML file says, and what travels in exported files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ctnas.app.text_file import decoded
from ctnas.checked import shown_value
from ctnas.errors import InputFileError, SpaceError
from ctnas.spaces.rules import Rules, declared_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ctnas.spaces.decision import Choice

When: TypeAlias = "Mapping[str, tuple[Choice, ...]]"
"""Decisions, and the choices of which each must have made one."""

_NEEDED = ("name", "decisions")
_WIRED = ("nodes", "edges")
RULES = ("text", "forbidden", "most_edges", "costs")
_OPTIONAL = ("active", "identities", *RULES)


@dataclass(frozen=True, slots=True)
class Node:
    """A declared node.

    Attributes:
        name: what edges call it.
        operation: an operation, or the name of the decision that gives it; or fields, the values
            of which may be names of decisions.
        when: where the node exists.
        bypassed: whether what feeds the node feeds all that it would have fed where it does not
            exist; otherwise no path leads through.
    """

    name: str
    operation: str | Mapping[str, Choice]
    when: When = field(default_factory=dict)
    bypassed: bool = False


@dataclass(frozen=True, slots=True)
class ConditionalEdge:
    """An edge between declared nodes, and the choices of decisions for which it exists."""

    source: str
    target: str
    when: When


@dataclass(frozen=True, slots=True)
class Declaration:
    """A space as plain values; without nodes it is nothing but decisions."""

    name: str
    decisions: Mapping[str, Sequence[Choice]]
    active: Mapping[str, When]
    nodes: tuple[Node, ...]
    edges: tuple[ConditionalEdge, ...]
    identities: tuple[str, ...] | None
    rules: Rules = field(default_factory=Rules)


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
        return declaration_of(content)
    except SpaceError as error:
        raise SpaceError(f"{path}: {error}") from None


def declaration_of(content: Mapping[str, Any]) -> Declaration:
    """Return what plain values declare.

    Raises:
        SpaceError: if an entry is missing, unknown or of another form; the message names it.
    """
    _check_keys(content)
    name, decisions, identities = content["name"], content["decisions"], content.get("identities")
    if not isinstance(name, str) or not isinstance(decisions, dict):
        raise SpaceError(f"name must be text and decisions a table, not {name!r}, {decisions!r}")
    for decision, choices in decisions.items():
        if not _are_choices(choices):
            raise SpaceError(
                f"decision {decision!r} must be a list of names or numbers, "
                f"not {shown_value(choices)}"
            )
    if not (identities is None or identities == [] or _is_words(identities)):
        raise SpaceError(f"identities must be a list of operations, not {shown_value(identities)}")
    return Declaration(
        name,
        decisions,
        _active(content.get("active", {})),
        tuple(_node(*e) for e in enumerate(_tables(content.get("nodes", []), "nodes"), start=1)),
        tuple(_edge(*e) for e in enumerate(_tables(content.get("edges", []), "edges"), start=1)),
        None if identities is None else tuple(cast("list[str]", identities)),
        declared_rules(**{key: content[key] for key in RULES if key in content}),
    )


def _check_keys(content: Mapping[str, Any]) -> None:
    wired = _WIRED if set(_WIRED) & set(content) else ()
    needed = {*_NEEDED, *wired}
    if not needed <= set(content) or set(content) - needed - set(_OPTIONAL):
        raise SpaceError(
            f"a space has {', '.join((*_NEEDED, *_WIRED))} and at most {', '.join(_OPTIONAL)}, "
            f"not {', '.join(content) or 'nothing'}; nodes and edges may both be left out"
        )


def _active(value: object) -> dict[str, When]:
    if not isinstance(value, dict):
        raise SpaceError(f"active must be a table of decisions, not {shown_value(value)}")
    return {name: _when(f"active.{name}", when) for name, when in value.items()}


def _tables(value: object, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise SpaceError(f"{name} must be a list of tables, not {shown_value(value)}")
    return value


def _node(number: int, entry: dict[str, Any]) -> Node:
    name, operation = entry.get("name"), entry.get("operation")
    is_sound = _is_words([name]) and (_is_words([operation]) or isinstance(operation, dict))
    if not is_sound or set(entry) - {"name", "operation", "when", "otherwise"}:
        raise SpaceError(
            f"node {number} must have a name and an operation, not {shown_value(entry)}"
        )
    otherwise = entry.get("otherwise", "none")
    if otherwise not in ("none", "bypass"):
        raise SpaceError(
            f"node {number}: otherwise must be 'none' or 'bypass', not {shown_value(otherwise)}"
        )
    when = _when(f"node {number}: when", entry.get("when", {}))
    return Node(
        cast("str", name), cast("str | dict[str, Choice]", operation), when, otherwise == "bypass"
    )


def _edge(number: int, entry: dict[str, Any]) -> ConditionalEdge:
    ends = [entry.get("from"), entry.get("to")]
    if not _is_words(ends) or set(entry) - {"from", "to", "when"}:
        raise SpaceError(
            f"edge {number} must have from, to and at most a table when, not {shown_value(entry)}"
        )
    source, target = cast("list[str]", ends)
    return ConditionalEdge(source, target, _when(f"edge {number}: when", entry.get("when", {})))


def _when(place: str, value: object) -> When:
    if not isinstance(value, dict):
        raise SpaceError(f"{place} must be a table of decisions, not {shown_value(value)}")
    conditions = {n: c if isinstance(c, list) else [c] for n, c in value.items()}
    for name, choices in conditions.items():
        if not _are_choices(choices):
            raise SpaceError(f"{place}.{name} must be choices, not {shown_value(choices)}")
    return {name: tuple(choices) for name, choices in conditions.items()}


def _is_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _are_choices(value: object) -> bool:
    """Return whether a value is a list of names or numbers; which of them fit is checked later."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(v, str | int | float) and v != "" for v in value)
    )
