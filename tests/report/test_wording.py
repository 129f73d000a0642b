from typing import Any

import pytest

from ctnas.report import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_234_567, "1.23 M"),
        (3_000_000, "3.00 M"),
        (404_400_000, "404 M"),
        (999_600, "1.00 M"),
        (73_306, "73.3 k"),
        (1.5e9, "1.50 G"),
        (12, "12"),
        ("73306", "73.3 k"),
        (None, wording.NOTHING),
        ("nan", wording.NOTHING),
        ("", wording.NOTHING),
    ],
)
def test_size(value: object, text: str) -> None:
    assert wording.size(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (151, "2 min 31 s"),
        (3599.7, "1 h 00 min"),
        (3840, "1 h 04 min"),
        (None, wording.NOTHING),
    ],
)
def test_duration(value: object, text: str) -> None:
    assert wording.duration(value) == text


@pytest.mark.parametrize(
    ("value", "metric", "text"),
    [
        (0.97421, "validation_accuracy", "97.42%"),
        (93.85, "cifar10_valid_accuracy", "93.85"),
        (-0.412345, "log_likelihood", "-0.4123"),
        (0.5, "log_likelihood", "0.5"),
        (None, "validation_accuracy", wording.NOTHING),
        (True, "validation_accuracy", wording.NOTHING),
    ],
)
def test_label_is_a_percentage_only_where_it_is_a_fraction(
    value: object, metric: str, text: str
) -> None:
    assert wording.measured(value, metric) == text


def summary(found: float, sampled: float, median: float) -> dict[str, Any]:
    return {
        "queries": 300,
        "finalists": [
            {"name": "found 1", "test_accuracy": found, "test_error": 0.0054},
            {"name": "found 2", "test_accuracy": 0.99},
            {"name": "best sampled", "test_accuracy": sampled},
            {"name": "median sampled", "test_accuracy": median},
        ],
    }


def test_headline_compares_the_first_found_with_the_sample() -> None:
    assert wording.headline(summary(0.97, 0.965, 0.94), 300, "") == (
        "Found with 300 labels: test accuracy 97.00% ± 0.54, best of the random sample 96.50%, "
        "its median 94.00%."
    )


def test_headline_hides_no_failure() -> None:
    sentence = wording.headline(summary(0.95, 0.965, 0.95), 300, "")
    assert sentence.endswith("95.00% ± 0.54, best of the random sample 96.50%, its median 95.00%.")


def test_headline_of_an_earlier_version_has_no_standard_error() -> None:
    finalists = [{"name": name, "test_accuracy": 0.9} for name in ("found 1", "best sampled")]
    sentence = wording.headline({"queries": 3, "finalists": finalists}, 3, "")
    assert sentence.endswith("test accuracy 90.00%, best of the random sample 90.00%.")


def test_headline_without_test_accuracy_says_what_the_comparator_expects() -> None:
    sentence = wording.headline({"queries": 30, "best": {"win_probability": 0.98}}, 30, "")
    assert sentence.endswith("expects the best architecture found to win 98.0% of its comparisons.")


def test_headline_of_a_run_that_goes_on() -> None:
    assert "57 architectures are measured, the best label so far is 97.85%." in wording.headline(
        {}, 57, "97.85%"
    )
    assert wording.headline({}, 0, wording.NOTHING).endswith("nothing has been measured yet.")
