"""Which numbers of queries go together."""

from typing import Any

import pytest

from ctnas.errors import ConfigurationError
from ctnas.run.config import RunConfig


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"queries": 11}, "held-out 0.2 of 11 queries leaves 9 labels to learn from and 2"),
        ({"initial": 301}, "initial must be at most 300, the number of queries, not 301"),
        ({"initial": 0}, "held-out 0.2 of 0 initial queries leaves 0 labels to learn from"),
        ({"initial": 11}, "held-out 0.2 of 11 initial queries leaves 9 labels to learn from and 2"),
        ({"initial": 20, "held_out": 0.02}, "leaves 20 labels to learn from and 0 to judge by"),
        ({"batch": 5, "initial": 300}, "--batch is of rounds"),
        ({"initial": 20, "batch": 0}, "batch must be at least 1, not 0"),
    ],
)
def test_numbers_of_queries_that_cannot_be_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RunConfig(**options)


def test_all_queries_are_random_unless_said() -> None:
    assert RunConfig(queries=50).random_queries == 50
    assert RunConfig(queries=50, initial=50).random_queries == 50
    assert RunConfig(queries=50, initial=13).random_queries == 13
