"""Files that installed Python packages carry, found without importing the packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ctnas.errors import InputFileError
from ctnas.extras import missing_package


def package_file(module: str, name: str) -> Path:
    """Return the path of a file inside an installed package.

    Args:
        module: name under which the package is imported.
        name: the file, relative to the package.

    Raises:
        MissingPackageError: if the package is not installed.
        InputFileError: if it has no such file.
    """
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise missing_package(module, f"its table {name!r}")
    path = Path(spec.submodule_search_locations[0], name)
    if not path.is_file():
        raise InputFileError(f"the installed package {module!r} has no file {name!r}")
    return path
