"""The `Genotype(normal=[('sep_conv_3x3', 0), ...], ...)` text of the DARTS code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ctnas.errors import ArchitectureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces.cell_text import Edge

_EDGES = 8
_CONCATENATED = [2, 3, 4, 5]
_FORM = (
    "Genotype(normal=[('operation', predecessor), ...], normal_concat=range(2, 6), "
    "reduce=[...], reduce_concat=range(2, 6))"
)


def format_genotype(normal: Sequence[Edge], reduction: Sequence[Edge]) -> str:
    """Return a pair of cells, eight (operation, predecessor) each, as a genotype."""
    return (
        f"Genotype(normal={list(normal)!r}, normal_concat=range(2, 6), "
        f"reduce={list(reduction)!r}, reduce_concat=range(2, 6))"
    )


def parse_genotype(text: str) -> tuple[list[Edge], list[Edge]]:
    """Return the normal and the reduction cell of a genotype. Nothing in it is ever executed.

    Raises:
        ArchitectureError: if the text has another form, or not all four nodes are concatenated.
    """
    fields = _fields(text)
    for name in ("normal_concat", "reduce_concat"):
        if _numbers(fields[name]) != _CONCATENATED:
            raise ArchitectureError(
                f"{name} must be the four nodes 2, 3, 4, 5, not {ast.unparse(fields[name])}"
            )
    return _edges(fields["normal"], "normal"), _edges(fields["reduce"], "reduce")


def _fields(text: str) -> dict[str, ast.expr]:
    """Return the keyword arguments of the call that `text` is."""
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ArchitectureError(f"a genotype is written {_FORM}, not {text!r}") from None
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "Genotype" or call.args:
        raise ArchitectureError(f"a genotype is written {_FORM}, not {text!r}")
    fields = {keyword.arg or "**": keyword.value for keyword in call.keywords}
    if sorted(fields) != ["normal", "normal_concat", "reduce", "reduce_concat"]:
        raise ArchitectureError(f"a genotype is written {_FORM}, not {text!r}")
    return fields


def _numbers(expression: ast.expr) -> object:
    """Return the value of a literal, or of `range(first, last)` as a list."""
    is_range = isinstance(expression, ast.Call) and ast.unparse(expression.func) == "range"
    if isinstance(expression, ast.Call) and is_range and not expression.keywords:
        bounds = [_literal(argument) for argument in expression.args]
        return _CONCATENATED if bounds == [2, 6] else None
    value = _literal(expression)
    return list(value) if isinstance(value, tuple) else value


def _literal(expression: ast.expr) -> object:
    try:
        return ast.literal_eval(expression)
    except ValueError:
        return None


def _edges(expression: ast.expr, cell: str) -> list[Edge]:
    """Return the eight (operation, predecessor) pairs of a cell."""
    value = _literal(expression)
    if not isinstance(value, list | tuple) or len(value) != _EDGES:
        raise ArchitectureError(
            f"cell {cell!r} of a genotype lists {_EDGES} ('operation', predecessor) pairs, "
            f"not {ast.unparse(expression)}"
        )
    edges: list[Edge] = []
    for pair in value:
        match pair:
            case (str(operation), int(source)) if not isinstance(source, bool):
                edges.append((operation, source))
            case _:
                raise ArchitectureError(
                    f"cell {cell!r} of a genotype lists ('operation', predecessor) pairs, "
                    f"not {pair!r}"
                )
    return edges
