"""The rules of the house: what imports what, read from the source files themselves."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import ctnas

PACKAGE = Path(ctnas.__file__).parent

# Each room may import those that stand before it, and itself.
ORDER = [
    *("errors", "extras", "app", "checked", "_core", "architecture", "settings"),
    *("spaces", "labels", "comparator", "searching"),
    # Networks that are trained, and the parts of each space that are built from PyTorch.
    *("training", "networks of spaces"),
    *("deployment", "networks", "report", "workers", "ranking", "sampler"),
    *("run", "benchmarks", "cli", "__main__", "testing"),
]
# Rooms that are one step of the order together, as they register with each other by name.
TOGETHER = {"supernet": "networks of spaces", "retraining": "networks of spaces"}


class Import(NamedTuple):
    """A module that a file imports: when it runs, at once or later, or for type checkers only."""

    target: str
    typed: bool


@cache
def files() -> dict[str, Path]:
    """Return the source files by module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("ctnas", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports() -> dict[str, list[Import]]:
    """Return what each module imports of ours."""
    return {module: list(_imports(ast.parse(path.read_text()))) for module, path in files().items()}


def _imports(tree: ast.AST, *, typed: bool = False) -> list[Import]:
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ctnas":
            names = (f"{node.module}.{each.name}" for each in node.names)
            found += [Import(n if n in files() else str(node.module), typed) for n in names]
        elif isinstance(node, ast.Import):
            ours = (each.name for each in node.names if each.name.partition(".")[0] == "ctnas")
            found += [Import(name, typed) for name in ours]
        else:
            guard = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            found += _imports(node, typed=typed or guard)
    return found


@cache
def room(module: str) -> str:
    """Return the room of a module; what a space builds from PyTorch is a room of its own."""
    parts = module.split(".")
    if len(parts) == 1:
        return "ctnas"
    if parts[1] == "spaces" and len(parts) > 3:
        heavy = r"^(from|import) (torch|ctnas\.(training|supernet|retraining))\b"
        if re.search(heavy, files()[module].read_text(), re.MULTILINE):
            return "networks of spaces"
    return TOGETHER.get(parts[1], parts[1])


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of nodes that lead back to themselves."""

    @cache
    def reached(node: str) -> frozenset[str]:
        seen: set[str] = set()
        waiting = list(graph.get(node, ()))
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += graph.get(each, ())
        return frozenset(seen)

    groups = {frozenset({n, *(m for m in reached(n) if n in reached(m))}) for n in graph}
    return sorted((set(group) for group in groups if len(group) > 1), key=sorted)


def test_no_file_imports_itself_over_others() -> None:
    # Types count too; the package itself offers names of all rooms, and the core under it.
    graph = {
        module: {each.target for each in found} - {"ctnas"} for module, found in imports().items()
    }
    assert circles(graph) == []


def test_no_two_rooms_import_each_other() -> None:
    graph = defaultdict(set)
    for module, found in imports().items():
        graph[room(module)] |= {room(each.target) for each in found} - {room(module)}
    graph.pop("ctnas")
    assert circles(graph) == []


def test_data_flows_down() -> None:
    upward = [
        f"{module} imports {each.target}"
        for module, found in imports().items()
        for each in found
        if "ctnas" not in (room(module), room(each.target))
        and ORDER.index(room(module)) < ORDER.index(room(each.target))
    ]
    assert upward == []


@pytest.mark.parametrize("edge", ["cli", "benchmarks"])
def test_nothing_imports_the_edge(edge: str) -> None:
    inward = [
        module
        for module, found in imports().items()
        if room(module) not in (edge, "cli", "__main__")
        and edge in {room(each.target) for each in found}
    ]
    assert inward == []


def test_ranking_can_load_nothing_of_searches() -> None:
    # Followed into functions too: what may be imported later counts.
    reached, waiting = set(), ["ctnas.cli.rank"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [each.target for each in imports().get(module, ()) if not each.typed]
    rooms = {module.split(".")[1] for module in reached if "." in module}
    assert rooms >= {"comparator", "ranking", "spaces"}
    assert rooms & {"searching", "run", "supernet", "retraining", "training"} == set()


def test_no_file_is_longer_than_an_idea() -> None:
    long = {name for name, path in files().items() if len(path.read_text().splitlines()) > 400}
    assert long == set()
