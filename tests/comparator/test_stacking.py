"""Weights of kinds of models, on labels whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from ctnas.comparator.stacking import Opinion, stacked


def opinion(truth: np.ndarray, error: float, seed: int, weight: float = 1.0) -> Opinion:
    """Return an opinion on the first 100 of the truth as labels, and on the others as a pool."""
    said = truth + np.random.default_rng(seed).normal(0, error, len(truth))
    return Opinion(said[100:], said[:100], weight)


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, 2_000)


def error(found: Opinion, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found.score - truth[100:]) ** 2)))


def test_who_is_right_is_listened_to(truth: np.ndarray) -> None:
    good, bad = opinion(truth, 0.1, 1), opinion(truth, 3.0, 2, weight=4.0)
    assert error(stacked([good, bad], truth[:100]), truth) < 0.25


def test_who_says_the_opposite_is_not_listened_to(truth: np.ndarray) -> None:
    good, opposite = opinion(truth, 0.3, 1), opinion(-truth, 0.3, 2)
    together = stacked([good, opposite], truth[:100])
    assert np.corrcoef(together.score, good.score)[0, 1] > 0.995


def test_few_labels_that_nobody_foresees_silence_nobody(truth: np.ndarray) -> None:
    first = Opinion(truth[100:], -truth[:10], 1.0)
    together = stacked([first, first], truth[:10])
    assert np.corrcoef(together.score, truth[100:])[0, 1] > 0.999


def test_several_equally_good_ones_are_better_together(truth: np.ndarray) -> None:
    opinions = [opinion(truth, 0.5, seed) for seed in range(1, 5)]
    assert error(stacked(opinions, truth[:100]), truth) < 0.32


def test_what_adds_up_costs_is_believed_where_it_is_more_precise(truth: np.ndarray) -> None:
    vague = [opinion(truth, 0.5, seed) for seed in range(1, 5)]
    exact, wrong = opinion(truth, 0.1, 5), opinion(truth, 1.0, 6)
    usual = error(stacked([exact, *vague], truth[:100]), truth)
    raised = error(stacked([replace(exact, additive=True), *vague], truth[:100]), truth)
    assert raised < 0.12 < usual
    # Where others are more precise, it counts as any kind does.
    np.testing.assert_array_equal(
        stacked([replace(wrong, additive=True), *vague], truth[:100]).score,
        stacked([wrong, *vague], truth[:100]).score,
    )


def test_units_do_not_matter(truth: np.ndarray) -> None:
    first, second = opinion(truth, 0.5, 1), opinion(truth, 0.5, 2)
    other = Opinion(1e3 * second.score + 7, 1e3 * second.held_out + 7, second.weight)
    np.testing.assert_allclose(
        stacked([first, other], truth[:100]).score, stacked([first, second], truth[:100]).score
    )


def test_a_scale_that_bends_does_not_matter(truth: np.ndarray) -> None:
    first, second = opinion(truth, 0.5, 1), opinion(truth, 0.5, 2)
    bent = Opinion(np.exp(2 * second.score), np.exp(2 * second.held_out), second.weight)
    straight = stacked([first, second], truth[:100])
    np.testing.assert_allclose(
        stacked([first, bent], truth[:100]).score, straight.score, rtol=0, atol=0.02
    )
    assert error(straight, truth) < 0.45


def test_labels_that_nobody_was_held_back_from_do_not_count(truth: np.ndarray) -> None:
    first, second = opinion(truth, 0.5, 1), opinion(truth, 0.5, 2)
    said = second.held_out.copy()
    said[:40] = np.nan
    target = truth[:100].copy()
    expected = stacked([first, Opinion(second.score, said, 1.0)], target).score
    target[:40] = 1e3
    found = stacked([first, Opinion(second.score, said, 1.0)], target).score
    np.testing.assert_array_equal(found, expected)


def test_opinions_without_any_difference_say_nothing() -> None:
    same = Opinion(np.zeros(50), np.zeros(20), 1.0)
    found = stacked([same, same], np.arange(20.0))
    assert found.score.tolist() == pytest.approx([9.5] * 50)


def test_kinds_that_were_held_back_speak_for_those_that_were_not(truth: np.ndarray) -> None:
    first, second = opinion(truth, 0.1, 1), opinion(truth, 0.1, 2)
    said = second.held_out.copy()
    said[10:] = np.nan
    found = stacked([first, Opinion(second.score, said, 1.0)], truth[:100])
    assert np.isfinite(found.held_out).all()
    assert np.std(found.held_out - truth[:100]) < 0.15


def test_labels_held_back_from_all_kinds_speak_alone_where_they_are_many(
    truth: np.ndarray,
) -> None:
    first, second = opinion(truth, 0.1, 1), opinion(truth, 0.1, 2)
    said = second.held_out.copy()
    said[50:] = np.nan
    found = stacked([first, Opinion(second.score, said, 1.0)], truth[:100])
    assert np.isfinite(found.held_out).tolist() == [True] * 50 + [False] * 50
