"""Nested options with a name, which hold where neither the command line nor a file gives others."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from cyclopts.config import Dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance
    from cyclopts import App
    from cyclopts.argument import ArgumentCollection

_Options = TypeVar("_Options", bound="DataclassInstance")


def with_options(
    config: _Options, preset: Mapping[str, Any], options: Mapping[str, Any]
) -> _Options:
    """Return settings with those of a preset, and others in place of both.

    Args:
        config: the settings.
        preset: its options; a group of options may be a mapping of some of them.
        options: what stands in place of the preset's; groups likewise.

    Raises:
        ConfigurationError: if an option is not allowed.
    """
    return _replaced(config, _merged(preset, options))


def preset_layer(
    names: tuple[str, ...], options: Callable[[str], dict[str, Any]]
) -> Callable[[App, tuple[str, ...], ArgumentCollection], None]:
    """Return a source of options for a command: what `--preset` chooses.

    Args:
        names: of the presets that exist.
        options: returns the nested options of one.
    """

    def layer(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
        given = [token for each in arguments if "--preset" in each.names for token in each.tokens]
        if given and given[-1].value in names:
            name = given[-1].value
            Dict(options(name), source=f"preset {name}")(app, commands, arguments)

    return layer


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested options; the second ones win."""
    merged = {**first, **second}
    for name in first.keys() & second.keys():
        if isinstance(first[name], dict) and isinstance(second[name], dict):
            merged[name] = _merged(first[name], second[name])
    return merged


def _replaced(config: _Options, options: Mapping[str, Any]) -> _Options:
    """Return a dataclass with options in place of its own."""
    whole: dict[str, Any] = {
        name: _replaced(getattr(config, name), value)
        if isinstance(value, dict) and is_dataclass(getattr(config, name))
        else value
        for name, value in options.items()
    }
    return replace(config, **whole)
