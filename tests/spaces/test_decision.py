"""Choices that are names, and choices that are numbers."""

from fractions import Fraction

import numpy as np
import pytest

from ctnas.errors import ArchitectureError, SpaceError
from ctnas.spaces import Decision


def test_numbers_keep_the_order_in_which_they_are_given():
    assert Decision("width", (32, 16, 24)).numbers.tolist() == [32.0, 16.0, 24.0]


def test_names_have_no_numbers():
    assert Decision("op", ("16", "24")).numbers is None


def test_numbers_of_other_libraries_become_plain_ones():
    decision = Decision("width", (np.int64(16), np.float32(0.5), Fraction(3, 4)))
    assert decision.choices == (16, 0.5, 0.75)
    assert [type(choice) for choice in decision.choices] == [int, float, float]
    assert decision.texts == ("16", "0.5", "0.75")


@pytest.mark.parametrize("choice", [24, "24", "24.0", np.int64(24), 24.0])
def test_a_number_is_found_however_it_is_written(choice):
    assert Decision("width", (16, 24)).index(choice) == 1


def test_a_number_that_is_no_choice_names_the_nearest():
    with pytest.raises(ArchitectureError, match=r"'width' has no choice 26 .*nearest is 24"):
        Decision("width", (16, 24, 32)).index(26)


@pytest.mark.parametrize("choice", [True, None, "wide", "nan", "inf"])
def test_what_is_no_number_is_no_choice(choice):
    with pytest.raises(ArchitectureError, match="allowed are 0, 1"):
        Decision("width", (0, 1)).index(choice)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ((16, "a"), "'a' does not fit"),
        (("a", 16), "'a' does not fit"),
        ((16, float("nan")), "nan does not fit"),
        ((16, float("inf")), "inf does not fit"),
        ((True, 16), "True does not fit"),
        ((16, np.True_), "does not fit"),
        ((16, 16.0), "has a choice twice: 16, 16.0"),
        (("a", "a"), "has a choice twice: a, a"),
        ((1, None), "None does not fit"),
    ],
)
def test_unusable_choices_are_refused_by_name(choices, message):
    with pytest.raises(SpaceError, match=rf"decision 'width'.*{message}"):
        Decision("width", choices)
