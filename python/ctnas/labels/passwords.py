"""Passwords of databases: used where they are given, and written nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ctnas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL

STORAGE_VARIABLE = "CTNAS_STORAGE"
"""Environment variable that holds the location of a ledger, with its password if it has one."""

_SECRET_OPTIONS = ["password", "sslpassword"]


def without_password(location: str) -> str:
    """Return a location as it may be kept in files: a password in a URL is left out.

    Args:
        location: an SQLite file, or the URL of a database.

    Raises:
        ConfigurationError: if it is neither.
    """
    if "://" not in location:
        return location
    url = _parsed(location)._replace(password=None).difference_update_query(_SECRET_OPTIONS)
    return url.render_as_string(hide_password=False)


def with_password(location: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a location with the password that CTNAS_STORAGE has for the same database.

    A location that has one keeps it. Drivers find others for themselves: PGPASSWORD, `.pgpass`.

    Args:
        location: an SQLite file, or the URL of a database.
        environment: where the variable is looked up.

    Raises:
        ConfigurationError: if one of the two is neither.
    """
    given = environment.get(STORAGE_VARIABLE, "")
    same = given and without_password(given) == location == without_password(location)
    return given if same else location


def _parsed(location: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(location)
    except (ArgumentError, ValueError):
        # It may hold a password: only its beginning is repeated.
        kind = location.partition("://")[0]
        raise ConfigurationError(
            f"the URL of a database that begins with {kind + '://'!r} cannot be read; "
            "an example is postgresql://user@host:5432/labels"
        ) from None
