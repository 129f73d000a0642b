"""Waiting for a database that is gone for a while."""

from __future__ import annotations

import logging
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

T = TypeVar("T")

DEFAULT_SECONDS = 300.0
"""How long a run waits for its database, unless said otherwise."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_LASTING = ("28", "53100", "3D")
"""SQLSTATE of what waiting does not heal: wrong password, full disk, no such database."""

_log = logging.getLogger("ctnas")


class Retry:
    """Repeats what fails because a database server cannot be reached, with growing pauses.

    Errors of other kinds, such as a full disk or a wrong password, are raised at once. May be used
    by several threads: what one of them has said, the others do not say again.

    Args:
        seconds: how long to wait for one operation before its error is raised; 0 never waits.
        say: is called once when the database is gone and once when it is back; a log line if None.
    """

    def __init__(
        self, seconds: float = DEFAULT_SECONDS, say: Callable[[str], None] | None = None
    ) -> None:
        self._seconds = seconds
        self._say = say or _log.warning
        self._lock = Lock()
        self._gone: float | None = None

    def __call__(self, operation: Callable[[], T]) -> T:
        """Return what the operation returns; it may be called several times."""
        attempts = Retrying(
            retry=retry_if_exception(is_connection_loss),
            wait=wait_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
            stop=stop_after_delay(self._seconds),
            before_sleep=self._is_failing,
            reraise=True,
        )
        result = attempts(operation)
        self._is_back()
        return result

    def _is_failing(self, attempt: RetryCallState) -> None:
        # The first failure may be no more than a connection that the server has closed.
        if attempt.attempt_number > 1:
            self._is_gone(attempt.start_time)

    def _is_gone(self, since: float) -> None:
        with self._lock:
            known, self._gone = self._gone, self._gone or since
        if known is None:
            self._say(f"the database is gone; waiting up to {self._seconds:.0f} s for it")

    def _is_back(self) -> None:
        with self._lock:
            since, self._gone = self._gone, None
        if since is not None:
            self._say(f"the database is back after {monotonic() - since:.0f} s")


def is_connection_loss(error: BaseException) -> bool:
    """Return whether an error, or what caused it, is that a server cannot be reached."""
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DBAPIError):
            if cause.connection_invalidated:
                return True
            if isinstance(cause, OperationalError | InterfaceError):
                state = getattr(cause.orig, "sqlstate", None) or ""
                is_server = not type(cause.orig).__module__.startswith("sqlite3")
                return is_server and not state.startswith(_LASTING)
        cause = cause.__cause__
    return False


NO_RETRY = Retry(0.0)
"""Never waits."""
