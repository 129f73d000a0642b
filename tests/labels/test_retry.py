import sqlite3
from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from ctnas.labels import retry
from ctnas.labels.retry import Retry


class ServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"server said {sqlstate}")
        self.sqlstate = sqlstate


def lost(state: str = "57P01") -> DBAPIError:
    return OperationalError("SELECT 1", {}, ServerError(state))


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let time pass by pauses alone; returns them."""
    slept: list[float] = []
    # tenacity looks both up in this module, whoever else imports it.
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    monkeypatch.setattr("tenacity.time.monotonic", lambda: 100 + sum(slept))
    monkeypatch.setattr(retry, "monotonic", lambda: 100 + sum(slept))
    return slept


def test_operation_is_repeated_until_the_database_is_back(pauses: list[float]) -> None:
    errors = [lost() for _ in range(12)]
    said: list[str] = []

    def operation() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert Retry(300, said.append)(operation) == "done"
    assert pauses == sorted(pauses)
    assert max(pauses) == 5
    assert said == [
        "the database is gone; waiting up to 300 s for it",
        f"the database is back after {sum(pauses):.0f} s",
    ]


def test_threads_that_wait_together_say_it_once() -> None:
    said: list[str] = []
    shared = Retry(300, said.append)
    all_waited = Barrier(3)

    def wait() -> None:
        errors = [lost() for _ in range(3)]

        def operation() -> None:
            if errors:
                raise errors.pop()
            all_waited.wait(60)

        shared(operation)

    threads = [Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line.split()[3] for line in said] == ["gone;", "back"]


def test_connection_that_the_server_has_closed_is_not_worth_a_word() -> None:
    said: list[str] = []
    errors = [lost()]

    def operation() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert Retry(300, said.append)(operation) == "done"
    assert said == []


def test_repeating_ends_with_the_error_itself(pauses: list[float]) -> None:
    def operation() -> None:
        raise lost()

    with pytest.raises(OperationalError):
        Retry(30, lambda _: None)(operation)
    assert 30 <= sum(pauses) < 36


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong"),
        lost("28P01"),
        lost("53100"),
        OperationalError("x", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_what_waiting_does_not_heal_is_raised_at_once(
    error: Exception, pauses: list[float]
) -> None:
    def operation() -> None:
        raise error

    with pytest.raises(type(error)):
        Retry(300)(operation)
    assert pauses == []


def test_without_repeating_nothing_waits(pauses: list[float]) -> None:
    def operation() -> None:
        raise lost()

    with pytest.raises(OperationalError):
        retry.NO_RETRY(operation)
    assert pauses == []
