"""What a queue asks the tables of an Optuna storage directly.

Optuna's own interface reads all trials with all their attributes, which takes seconds where
thousands wait. Nothing is written here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctnas.labels.blocks import ARCHITECTURE

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


def waiting_queries(engine: Engine, study_id: int, limit: int) -> list[tuple[int, Any]]:
    """Return trial id and architecture of the oldest waiting trials; None if it has none."""
    return _queries(engine, study_id, "t.state = 'WAITING'", "LIMIT :count", count=limit)


def unfinished_queries(engine: Engine, study_id: int) -> list[tuple[int, Any]]:
    """Return trial id and architecture of the trials that wait or run; None if it has none."""
    return _queries(engine, study_id, "t.state IN ('WAITING', 'RUNNING')")


def _queries(
    engine: Engine, study_id: int, condition: str, limit: str = "", **values: int
) -> list[tuple[int, Any]]:
    from sqlalchemy import text

    query = text(
        "SELECT t.trial_id, a.value_json FROM trials t LEFT JOIN trial_user_attributes a "
        f"ON a.trial_id = t.trial_id AND a.key = '{ARCHITECTURE}' "
        f"WHERE t.study_id = :study AND {condition} ORDER BY t.trial_id {limit}"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"study": study_id, **values})
        return [(int(row[0]), None if row[1] is None else json.loads(row[1])) for row in rows]


def attribute(engine: Engine, trial_id: int, name: str) -> Any:
    """Return an attribute of a trial; None if it has none of this name."""
    from sqlalchemy import text

    query = text(
        "SELECT a.value_json FROM trial_user_attributes a "
        "WHERE a.trial_id = :trial AND a.key = :key"
    )
    with engine.connect() as connection:
        found = connection.execute(query, {"trial": trial_id, "key": name}).scalar_one_or_none()
    return None if found is None else json.loads(found)


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
