"""Passwords in the locations of ledgers."""

import pytest

from ctnas.errors import ConfigurationError
from ctnas.labels.passwords import with_password, without_password
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


def test_url_that_cannot_be_read_is_refused_without_repeating_it() -> None:
    location = "postgresql://me:secret@host:port/labels"
    with pytest.raises(ConfigurationError, match="begins with 'postgresql://'") as caught:
        without_password(location)
    assert "secret" not in str(caught.value)
    assert "secret" not in shown(location)
