from itertools import combinations

import numpy as np

from ctnas.report.label_plots import expected_best, plot_best, plot_queries, plot_side_by_side


def test_expected_best_is_the_mean_over_all_subsets() -> None:
    labels = np.array([0.3, 0.9, 0.1, 0.5, 0.4, 0.9])
    expected = [
        np.mean([max(chosen) for chosen in combinations(labels, size)]) for size in range(1, 7)
    ]
    np.testing.assert_allclose(expected_best(labels), expected, rtol=1e-12)


def test_expected_best_of_many_labels_stays_finite_and_rises() -> None:
    best = expected_best(np.random.default_rng(0).normal(size=2000))
    assert np.isfinite(best).all()
    assert (np.diff(best) >= -1e-12).all()


def test_best_so_far_names_both_curves() -> None:
    svg = plot_best(np.array([0.2, 0.5, 0.4]), np.array([0.2, 0.5]), "accuracy")
    for text in ("this run", "random search, expected", "best accuracy so far"):
        assert text in svg


def test_unit_of_time_fits() -> None:
    none = np.zeros(3, dtype=np.bool_)
    assert "hours since the first label" in plot_queries(np.array([0, 4e3, 9e3]), none, none)
    assert "seconds since the first label" in plot_queries(np.zeros(1), none[:1], none[:1])


def test_labels_over_time_tell_only_of_the_origins_that_there_are() -> None:
    seconds, none = np.arange(4.0), np.zeros(4, dtype=np.bool_)
    asked, found = np.array([0, 1, 1, 0], np.bool_), np.array([0, 0, 0, 1], np.bool_)
    both = plot_queries(seconds, found, asked)
    assert "asked in rounds" in both
    assert "candidates of the search" in both
    without = plot_queries(seconds, found, none)
    assert "asked in rounds" not in without
    assert "candidates of the search" in without


def test_runs_side_by_side_are_named_and_names_stay_text() -> None:
    runs = {"<b>one</b>": np.array([0.1, 0.2]), "two": np.array([0.3])}
    svg = plot_side_by_side(runs, "accuracy")
    assert "&lt;b&gt;one&lt;/b&gt;" in svg
    assert "<b>" not in svg
