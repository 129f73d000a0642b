"""What a queue asks the tables of an Optuna storage directly.

Optuna's own interface reads all trials with all their attributes, which takes seconds where
thousands wait. Nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class RunningQuery:
    """A query that somebody has taken.

    Attributes:
        trial_id: of its trial.
        signs: when it was taken and when its worker last said that it is alive, by their clocks.
    """

    trial_id: int
    signs: tuple[Any, Any]


def waiting_ids(engine: Engine, study_id: int, limit: int) -> list[int]:
    """Return the ids of the oldest waiting trials of a study."""
    from sqlalchemy import text

    query = text(
        "SELECT trial_id FROM trials WHERE study_id = :study AND state = 'WAITING' "
        "ORDER BY trial_id LIMIT :count"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"study": study_id, "count": limit})
        return [int(row[0]) for row in rows]


def running_queries(engine: Engine, study_id: int) -> list[RunningQuery]:
    """Return the running trials of a study, with their signs of life."""
    from sqlalchemy import text

    query = text(
        "SELECT t.trial_id, t.datetime_start, h.heartbeat FROM trials t "
        "LEFT JOIN trial_heartbeats h ON h.trial_id = t.trial_id "
        "WHERE t.study_id = :study AND t.state = 'RUNNING'"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"study": study_id})
        return [RunningQuery(int(row[0]), (row[1], row[2])) for row in rows]


def count_states(engine: Engine, study_id: int) -> dict[str, int]:
    """Return the number of trials of a study by state."""
    from sqlalchemy import text

    query = text(
        "SELECT CAST(state AS CHAR(16)), count(*) FROM trials WHERE study_id = :study "
        "GROUP BY state"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"study": study_id})
        return {str(row[0]).strip(): int(row[1]) for row in rows}
