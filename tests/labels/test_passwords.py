"""Passwords in the locations of ledgers."""

import pytest

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import plain_url, with_password, without_password
from ctnas.labels.storage import shown

PLAIN = "postgresql://me@host:5432/labels"
SECRET = "postgresql://me:se%40cret@host:5432/labels"


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("labels.db", "labels.db"),
        ("/home/a:b@c/labels.db", "/home/a:b@c/labels.db"),
        ("sqlite:////tmp/labels.db", "sqlite:////tmp/labels.db"),
        (PLAIN, PLAIN),
        (SECRET, PLAIN),
        ("postgres://me:se@cr@t@host:5432/labels", PLAIN),
        ("postgresql://me:se:c@r/et@host:5432/labels", PLAIN),
        ("postgresql://me:s?e/ret@host:5432/labels", PLAIN),
        ("postgresql://me@work:se@cret@host/labels", "postgresql://me%40work@host/labels"),
        (
            "postgres://host/labels?application_name=a@b",
            "postgresql://host/labels?application_name=a%40b",
        ),
        (f"{PLAIN}?password=secret&sslmode=require", f"{PLAIN}?sslmode=require"),
    ],
)
def test_what_is_kept_and_shown_of_a_location_is_all_but_its_password(
    location: str, kept: str
) -> None:
    assert without_password(location) == kept
    assert shown(location) == kept


def test_password_comes_from_the_environment_for_the_same_database_only() -> None:
    assert with_password(PLAIN, {"CTNAS_STORAGE": SECRET}) == SECRET
    assert with_password(PLAIN, {}) == PLAIN
    elsewhere = PLAIN.replace("host", "other")
    assert with_password(elsewhere, {"CTNAS_STORAGE": SECRET}) == elsewhere


def test_password_that_is_given_is_kept() -> None:
    other = SECRET.replace("cret", "cond")
    assert with_password(other, {"CTNAS_STORAGE": SECRET}) == other


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://me:secret@host:port/labels",
        "postgresql://me:c@r/e?secret@host:5432/labels",
    ],
)
def test_url_that_cannot_be_read_is_refused_without_repeating_it(location: str) -> None:
    with pytest.raises(ConfigurationError, match="begins with 'postgresql://'") as caught:
        without_password(location)
    assert "secret" not in str(caught.value)
    assert "secret" not in shown(location)


def test_password_with_an_at_reaches_the_database_whole() -> None:
    assert plain_url("postgres://me:se@cret@host:5432/labels") == SECRET
    assert plain_url(SECRET) == SECRET


def test_kinds_of_databases_that_there_are_not_are_refused() -> None:
    with pytest.raises(
        ConfigurationError, match="there is no kind of database 'mongodb://'"
    ) as caught:
        without_password("mongodb://me:secret@host/labels")
    assert "secret" not in str(caught.value)
