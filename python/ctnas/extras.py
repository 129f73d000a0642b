"""Packages that only some users need, and what installs one that is missing."""

from __future__ import annotations

from importlib.util import find_spec

from ctnas.errors import MissingPackageError

EXTRAS = {
    "analognasbench": "bench",
    "nas_bench_graph": "bench",
    "psycopg": "postgres",
    "ray": "ray",
}
"""The extra of ctnas that brings a package, by the name under which the package is imported."""


def missing_package(package: str, user: str) -> MissingPackageError:
    """Return the error of a package that is not installed.

    Args:
        package: its name, a key of `EXTRAS`.
        user: what needs it.
    """
    return MissingPackageError(
        f"{user} needs the package {package}, which is not installed: "
        f"pip install 'ctnas[{EXTRAS[package]}]'",
        name=package,
    )


def require_package(package: str, user: str) -> None:
    """Refuse, before any work, what will need a package that is not installed.

    Raises:
        MissingPackageError: with what installs it.
    """
    if find_spec(package) is None:
        raise missing_package(package, user)
