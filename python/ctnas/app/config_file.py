"""Reading settings from TOML files."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.config import Toml

from ctnas.errors import InputFileError
from ctnas.run.config import RunConfig

if TYPE_CHECKING:
    from pathlib import Path


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
