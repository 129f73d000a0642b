"""Search spaces that are the columns of a table."""

from __future__ import annotations

from decimal import Decimal
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctnas.errors import LabelError, SpaceError
from ctnas.labels.blocks import ARCHITECTURE, Block
from ctnas.labels.streams import table_name
from ctnas.spaces.decision_space import DecisionSpace
from ctnas.spaces.named_decisions import NamedDecisions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.spaces import SearchSpace
    from ctnas.spaces.decision import Choice

_WILD = frozenset("*?[")
_NAMED = 4


def space_of_table(
    path: str | Path, table: Block, decisions: Sequence[str], metric: str | None = None
) -> tuple[DecisionSpace, str]:
    """Return the space whose decisions are columns of a table, and a line that says what it is.

    A column of numbers is a decision of numbers, in ascending order, any other one of names. What
    a wildcard matches is left out where it is the metric or the same in every row.

    Args:
        path: the file; the space is called after it.
        table: all of its rows.
        decisions: names of columns, or patterns with `*`, `?` and `[...]`.
        metric: the column of the labels.

    Raises:
        LabelError: if a name or pattern matches no column, a cell is empty, a column has text and
            numbers or is the same in every row; the message names column and row.
    """
    cells = table.cells
    chosen: dict[str, list[Choice]] = {}
    constant = []
    for name, is_named in _matching(path, list(cells), decisions, metric).items():
        choices = _choices(path, name, table.rows.tolist(), cells[name])
        if len(choices) > 1:
            chosen[name] = choices
        elif is_named:
            raise LabelError(
                f"{path}: column {name!r} is {choices[0]} in every row: there is nothing to decide"
            )
        else:
            constant.append(name)
    if not chosen:
        raise LabelError(f"{path}: every column that --decisions names is the same in every row")
    name = Path(table_name(str(path))).stem
    try:
        space = DecisionSpace(name, chosen)
    except SpaceError as error:
        raise LabelError(f"{path}: {error}") from None
    return space, _described(path, space, constant)


def with_decisions(space: SearchSpace, block: Block) -> Block:
    """Return a block with texts of architectures, where columns say their decisions.

    A table needs a column for every decision of the space and may have others. An empty cell says
    nothing: the decision is not active, or missing.
    """
    if ARCHITECTURE in block.columns or not isinstance(space, NamedDecisions):
        return block
    names = [decision.name for decision in space.decisions]
    if not set(names) <= set(block.columns):
        return block
    columns = {name: block.cells[name] for name in names}
    texts = [
        ",".join(f"{n}={_text(c)}" for n, c in zip(names, row, strict=True) if not _is_empty(c))
        for row in zip(*columns.values(), strict=True)
    ]
    return Block(block.rows, {**block.columns, ARCHITECTURE: texts}, block.malformed)


def _matching(
    path: str | Path, columns: Sequence[str], decisions: Sequence[str], metric: str | None
) -> dict[str, bool]:
    """Return the columns that are decisions, in order, and whether each was named itself."""
    found: dict[str, bool] = {}
    for pattern in decisions:
        is_wild = pattern not in columns and bool(_WILD & set(pattern))
        matched = [name for name in columns if is_wild and fnmatchcase(name, pattern)]
        matched = [pattern] if pattern in columns else matched
        if not matched:
            listed = ", ".join(columns)
            raise LabelError(f"{path} has no column {pattern!r}; its columns are {listed}")
        if metric in matched and not is_wild:
            raise LabelError(f"{path}: column {metric!r} is the metric and cannot be a decision")
        for name in matched:
            if name != metric:
                found[name] = found.get(name, False) or not is_wild
    return {name: found[name] for name in columns if name in found}


def _choices(
    path: str | Path, name: str, rows: Sequence[int], cells: Sequence[Any]
) -> list[Choice]:
    """Return the distinct cells of a column: numbers ascending, or texts in order."""
    numbers: dict[float, int] = {}
    texts: dict[str, int] = {}
    for row, cell in zip(rows, cells, strict=True):
        if _is_empty(cell):
            raise LabelError(f"{path}, row {row}: {name} is empty")
        value = _number(cell)
        if value is None:
            texts.setdefault(_text(cell), row)
        else:
            numbers.setdefault(value, row)
    if texts and numbers:
        text, text_row = next(iter(texts.items()))
        number, number_row = next(iter(numbers.items()))
        raise LabelError(
            f"{path}: column {name!r} has text and numbers: {text!r} in row {text_row}, "
            f"{number} in row {number_row}"
        )
    return [*sorted(numbers), *sorted(texts)]


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: object) -> str:
    return str(cell).strip()


def _number(cell: object) -> int | float | None:
    """Return a cell as a number, whole where it is, or None where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | Decimal):
        return None
    try:
        value = float(cell)
    except (ValueError, OverflowError):
        return None
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _described(path: str | Path, space: DecisionSpace, constant: Sequence[str]) -> str:
    """Say in a line which decisions a table has."""
    of_numbers = sum(decision.numbers is not None for decision in space.decisions)
    shown = [f"{d.name} ({_listed(d.texts)})" for d in space.decisions[:_NAMED]]
    further = len(space.decisions) - len(shown)
    line = (
        f"Space: {len(space.decisions)} columns of {path}, {of_numbers} of numbers and "
        f"{len(space.decisions) - of_numbers} of names: {', '.join(shown)}"
    )
    line += f" and {further} more" if further else ""
    return f"{line}; the same in every row: {', '.join(constant)}" if constant else line


def _listed(texts: Sequence[str]) -> str:
    few = texts if len(texts) <= _NAMED + 2 else (*texts[:_NAMED], "...", texts[-1])
    return ", ".join(few)
