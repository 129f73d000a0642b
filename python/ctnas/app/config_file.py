"""Reading settings from TOML files."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, get_args

from cyclopts import App, Parameter
from cyclopts.config import Dict, Toml

from ctnas.comparator.presets import PresetName
from ctnas.errors import InputFileError
from ctnas.run.config import RunConfig

if TYPE_CHECKING:
    from pathlib import Path

    from cyclopts.argument import ArgumentCollection


def toml_options(path: Path) -> Toml:
    """Return the options of a TOML file.

    Raises:
        InputFileError: if it cannot be read or is not TOML.
    """
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{path} is not TOML: {error}") from None
    return Toml(path, must_exist=True)


def preset_layer(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Take what `--preset` chooses for every option that neither command line nor file gives."""
    from ctnas.run.presets import preset_options

    given = [token for each in arguments if "--preset" in each.names for token in each.tokens]
    if given and given[-1].value in get_args(PresetName):
        name = given[-1].value
        Dict(preset_options(name), source=f"preset {name}")(app, commands, arguments)


def read_config(path: Path) -> RunConfig:
    """Return the settings that a run wrote.

    Raises:
        InputFileError: if they cannot be read.
    """
    app = App(config=toml_options(path), result_action="return_value")

    @app.default
    def options(
        *,
        config: Annotated[RunConfig, Parameter(name="*")] = RunConfig(),  # noqa: B008
    ) -> RunConfig:
        return config

    stored: RunConfig = app([], exit_on_error=False, print_error=False)
    return stored
