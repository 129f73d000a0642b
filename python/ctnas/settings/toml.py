"""Settings as TOML files."""

from __future__ import annotations

import json
import tomllib
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import App, Parameter
from cyclopts.config import Toml

from ctnas.app.text_file import expanded_entries, read_text, stored_path
from ctnas.errors import InputFileError
from ctnas.settings.option import declared_options

if TYPE_CHECKING:
    from pathlib import Path

Settings = TypeVar("Settings")


def to_toml(config: object) -> str:
    """Return settings as a TOML file that `--config` reads.

    Options without a value, and those that are not stored, are left out.
    """
    return "\n\n".join(_tables(config, "")) + "\n"


def toml_options(path: Path) -> Toml:
    """Return the options of a TOML file.

    Raises:
        InputFileError: if it cannot be read or is not TOML.
    """
    _content(path)
    return _TextToml(path, must_exist=True)


class _TextToml(Toml):
    """TOML as any editor writes it, with home directories in place of ~."""

    def _load_config(self, path: Path) -> dict[str, Any]:
        return _content(path)


def _content(path: Path) -> dict[str, Any]:
    text = read_text(path)
    try:
        content: dict[str, Any] = expanded_entries(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputFileError(f"{path} is not TOML: {error}") from None
    return content


def read_toml(path: Path, settings: type[Settings]) -> Settings:
    """Return the settings that `to_toml` wrote.

    Raises:
        InputFileError: if they cannot be read.
        ConfigurationError: if a value is not allowed.
    """
    app = App(config=toml_options(path), result_action="return_value")

    def options(*, config: Any = None) -> Any:
        return settings() if config is None else config

    options.__annotations__["config"] = Annotated[settings, Parameter(name="*")]
    app.default(options)
    stored: Settings = app([], exit_on_error=False, print_error=False)
    return stored


def _tables(config: object, name: str) -> list[str]:
    """Return the TOML table of that name, and those within it."""
    lines, inner = [f"[{name}]"] if name else [], []
    for each in declared_options(type(config)):
        value = getattr(config, each.name)
        if is_dataclass(value):
            inner += _tables(value, f"{name}.{each.flag}" if name else each.flag)
        elif value is not None and each.option.stored:
            lines.append(_line(each.flag, value))
    return ["\n".join(lines), *inner]


def _line(name: str, value: object) -> str:
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}"
    if isinstance(value, int | float):
        return f"{name} = {value!r}"
    if isinstance(value, tuple):
        return f"{name} = {list(value)!r}"
    # A JSON string is a TOML basic string, but for the one control character that it may hold.
    text = json.dumps(stored_path(str(value)), ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"{name} = {text}"
