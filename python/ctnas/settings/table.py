"""Options as a table for people."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from ctnas.settings.option import declared_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctnas.settings.option import Declared

HEADINGS = ("option", "value", "default", "resumed", "decides", "what it does")
_UNSPLIT = str.maketrans({"|": "\\|", "\n": " "})


def options_table(settings: type) -> str:
    """Return the options of a class of settings as a Markdown table, nested settings included."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *_rows(settings, "")]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _rows(settings: Any, prefix: str) -> Iterator[tuple[str, ...]]:
    defaults = {field.name: _default(field) for field in fields(settings)}
    for each in declared_options(settings):
        if is_dataclass(each.kind):
            yield from _rows(each.kind, f"{prefix}{each.flag}.")
            continue
        option = each.option
        yield (
            f"`--{prefix}{each.flag}`",
            _value(each).translate(_UNSPLIT),
            _shown(defaults[each.name]),
            option.resumed,
            option.decides or "",
            (option.help or "").translate(_UNSPLIT),
        )


def _default(field: Field[Any]) -> Any:
    return field.default if field.default is not MISSING else None


def _value(each: Declared) -> str:
    kinds = [each.kind]
    if get_origin(each.kind) is tuple:
        kinds = [kind for kind in get_args(each.kind) if kind is not Ellipsis]
    if get_origin(kinds[0]) is Literal:
        return ", ".join(map(str, get_args(kinds[0])))
    word = {int: "whole number", float: "number", str: "text", bool: "yes or no", Path: "path"}
    count = f"{len(kinds)} times " if len(kinds) > 1 else ""
    return f"{count}{word.get(kinds[0], kinds[0].__name__)} {each.option.bounds}".strip()


def _shown(default: object) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    return " ".join(map(str, default)) if isinstance(default, tuple) else str(default)
