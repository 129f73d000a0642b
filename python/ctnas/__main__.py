"""`python -m ctnas`: where the things are that other programs build and run with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

import ctnas
from ctnas import _core
from ctnas.cli.command import run_command
from ctnas.errors import ConfigurationError, InputFileError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = """Print where the parts of ctnas are that other programs build and run with.

The commands themselves are ctnas-search, ctnas-rank and ctnas-reproduce.
"""

_Flag = Annotated[bool, Parameter(negative="", show_default=False)]
_CMAKE_DIRECTORY = Path("cpp", "cmake")


def locate(*, cmake_dir: _Flag = False, onnxruntime: _Flag = False) -> None:
    """Print a path.

    Args:
        cmake_dir: the directory of the CMake package, as `-Dctnas_DIR` takes it.
        onnxruntime: the library of the installed ONNX Runtime, as CTNAS_ONNXRUNTIME takes it.

    Raises:
        ConfigurationError: unless exactly one of them is asked for.
    """
    if cmake_dir == onnxruntime:
        raise ConfigurationError("give one of --cmake-dir and --onnxruntime")
    print(_cmake_directory() if cmake_dir else _runtime_library())


def _cmake_directory() -> Path:
    """Return the directory of `ctnasConfig.cmake`.

    Raises:
        InputFileError: if this ctnas was not installed.
    """
    candidates = [Path(place) / _CMAKE_DIRECTORY for place in ctnas.__path__]
    for directory in candidates:
        if (directory / "ctnasConfig.cmake").is_file():
            return directory
    raise InputFileError(f"no CMake package at {str(candidates[0])!r}: install ctnas with pip")


def _runtime_library() -> str:
    """Return the path of the library in the package `onnxruntime`.

    Raises:
        ProviderError: if that package is not installed.
    """
    library = _core.installed_runtime()
    if library is None:
        raise ProviderError("no package onnxruntime or onnxruntime-gpu is installed")
    return library


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `python -m ctnas`."""
    sys.exit(run_command("python -m ctnas", SUMMARY, locate, arguments))


if __name__ == "__main__":
    main()
