"""Passwords of databases: used where they are given, and written nowhere."""

from __future__ import annotations

import os
import re
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


def plain_url(location: str) -> str:
    """Return the URL of a database as SQLAlchemy knows it, with its password.

    `postgres://` is `postgresql://`, and an @ in a user's name or password may stand as it is.

    Raises:
        ConfigurationError: if it cannot be read, or there is no such kind of database.
    """
    return _parsed(location).render_as_string(hide_password=False)


def _parsed(location: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    kind = location.partition("://")[0]
    try:
        url = make_url(_unambiguous(location))
        url.get_dialect()
    except NoSuchModuleError:
        raise ConfigurationError(
            f"there is no kind of database {kind + '://'!r}; an example is "
            "postgresql://user@host:5432/labels"
        ) from None
    except (ArgumentError, ValueError):
        # It may hold a password: only its beginning is repeated.
        raise ConfigurationError(
            f"the URL of a database that begins with {kind + '://'!r} cannot be read; "
            "an example is postgresql://user@host:5432/labels, and @, / and ? in a password are "
            "written %40, %2F and %3F"
        ) from None
    return url


def _unambiguous(location: str) -> str:
    """Return a URL with one @, that before the host, and the kind that SQLAlchemy knows."""
    kind, _, rest = location.partition("://")
    kind = re.sub(r"^postgres(?=\+|$)", "postgresql", kind)
    end = _end_of_authority(rest)
    if "@" in rest[:end] and "@" in rest[end:]:
        raise ValueError("a password ends at one @ or the other")
    last = rest.rfind("@", 0, end)
    if last < 0:
        return f"{kind}://{rest}"
    return f"{kind}://{rest[:last].replace('@', '%40')}{rest[last:]}"


def _end_of_authority(rest: str) -> int:
    """Return where the query of a URL begins; a question mark in a password begins none."""
    query = rest.find("?")
    if query >= 0 and "@" not in rest[:query] and "/" not in rest[:query]:
        query = rest.find("?", rest.find("@"))
    return query if query >= 0 else len(rest)
