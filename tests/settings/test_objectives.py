"""Objectives and limits as they are written."""

import numpy as np
import pytest

from ctnas.errors import ConfigurationError
from ctnas.settings.objectives import Limit, Objective, gains_of, parse_limits, parse_objectives


def test_a_minus_minimizes() -> None:
    objectives = parse_objectives("accuracy,-latency_ms")
    assert objectives == (Objective("accuracy"), Objective("latency_ms", minimized=True))
    assert ",".join(map(str, objectives)) == "accuracy,-latency_ms"
    gains = gains_of(np.array([[0.9, 5.0]]), objectives)
    assert gains.tolist() == [[0.9, -5.0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accuracy,accuracy", "names 'accuracy' twice"),
        ("accuracy,-accuracy", "names 'accuracy' twice"),
        ("accuracy,", "names an empty metric"),
        ("a,b,c,d", "3 objectives at the most, not 4"),
    ],
)
def test_objectives_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_objectives(text)


def test_limits_are_written_as_column_and_value() -> None:
    limits = parse_limits(["latency_ms=5", "madds=600M"], ["accuracy=0.9"])
    assert limits == (
        Limit("latency_ms", 5.0),
        Limit("madds", 6e8),
        Limit("accuracy", 0.9, is_largest=False),
    )
    assert list(map(str, limits)) == ["latency_ms <= 5", "madds <= 6e+08", "accuracy >= 0.9"]


@pytest.mark.parametrize(
    ("largest", "smallest", "message"),
    [
        (["latency"], [], "a limit is written COLUMN=VALUE, not 'latency'"),
        (["a=1", "a=2"], [], "'a' is limited twice: a <= 1 and a <= 2"),
        (["a=1"], ["a=2"], "nothing can keep both a >= 2 and a <= 1"),
        (["a=nan"], [], "the limit of 'a' must be finite"),
        (["a=fast"], [], "a quantity is a number"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    largest: list[str], smallest: list[str], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_limits(largest, smallest)


def test_a_limit_that_nothing_keeps_names_the_best() -> None:
    values = np.array([7.0, np.nan, 6.5])
    with pytest.raises(
        ConfigurationError, match=r"nothing in t\.csv keeps a <= 5: the best is 6.5"
    ):
        Limit("a", 5).check(values, "t.csv")
    with pytest.raises(ConfigurationError, match="the best is 7"):
        Limit("a", 8, is_largest=False).check(values, "t.csv")
    assert Limit("a", 6.5).allows(values).tolist() == [False, False, True]


def test_what_is_known_keeps_a_limit_or_not_and_what_is_not_with_a_probability() -> None:
    found = Limit("a", 1.0).probability(np.array([0.5, 2.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    assert found.tolist() == [1.0, 0.0, 0.5]
