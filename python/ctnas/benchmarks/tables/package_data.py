"""Files that installed Python packages carry, found without importing the packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ctnas.errors import InputFileError


def package_file(module: str, name: str) -> Path:
    """Return the path of a file inside an installed package.

    Args:
        module: name under which the package is imported.
        name: the file, relative to the package.

    Raises:
        InputFileError: if the package is not installed, or has no such file.
    """
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise InputFileError(
            f"package {module!r} is not installed; install it with: pip install 'ctnas[bench]'"
        )
    path = Path(spec.submodule_search_locations[0], name)
    if not path.is_file():
        raise InputFileError(f"the installed package {module!r} has no file {name!r}")
    return path
