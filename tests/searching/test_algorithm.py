"""Algorithm 1 as a whole, on a small comparator."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.errors import ArchitectureError, ConfigurationError, LabelError, SpaceError
from ctnas.labels import LabelSet
from ctnas.searching import SearchConfig, SearchResult, search, search_preset
from ctnas.spaces import SearchSpace, get_space

Fit = Callable[..., NeuralArchitectureComparator]
Run = Callable[..., SearchResult]

SMALL = SearchConfig(
    iterations=12,
    policy_samples=8,
    policy_width=16,
    explored_architectures=24,
    explored_pairs=64,
    baseline_interval=4,
    tau_interval=4,
    refit=False,
)


@pytest.fixture(scope="module")
def run(labels: LabelSet, fit: Fit) -> Run:
    """Return a search that orders its candidates by the comparator that explored."""

    def run(labels: LabelSet = labels, **changes: object) -> SearchResult:
        settings = {"preset": "paper", "config": SMALL, "seed": 0, "provider": "cpu"}
        return search(labels.space, labels, comparator=fit(labels), **{**settings, **changes})

    return run


@pytest.fixture(scope="module")
def result(run: Run) -> SearchResult:
    return run()


def costed_labels(costed: SearchSpace, labels: LabelSet) -> LabelSet:
    return LabelSet(costed, labels.architectures, labels.values)


def test_result_is_ordered_by_win_probability(result: SearchResult) -> None:
    assert (np.diff(result.win_probability) <= 0).all()
    # One wins what the other loses.
    assert result.win_probability.mean() == pytest.approx(0.5, abs=1e-6)


def test_the_comparator_agrees_with_the_ensemble_that_judged(result: SearchResult) -> None:
    said = result.comparator.win_probability(result.architectures)
    assert kendalltau(said, result.win_probability)[0] > 0.7


def test_a_search_that_does_not_fit_again_is_judged_by_what_explored(run: Run) -> None:
    result = run(config=replace(SMALL, refit=False))
    expected = result.comparator.win_probability(result.architectures)
    np.testing.assert_allclose(result.win_probability, expected, rtol=0, atol=1e-6)


def test_result_has_one_architecture_of_each_graph(
    space: SearchSpace, result: SearchResult
) -> None:
    assert space.is_distinct(result.architectures).all()


def test_result_has_the_measured_architectures_and_what_was_explored(
    space: SearchSpace, labels: LabelSet, result: SearchResult
) -> None:
    def graphs(batch: object) -> set[bytes]:
        drawn = space.graphs(batch)
        pairs = zip(drawn.adjacency, drawn.operations, strict=True)
        return {a.tobytes() + o.tobytes() for a, o in pairs}

    found = graphs(result.architectures)
    assert graphs(labels.architectures) < found
    # The best of the whole space, which is small, and the labels.
    assert 2_000 < len(found) <= 2_040
    assert result.seen == space.is_distinct(space.enumerate()).sum()


def test_history_tells_every_iteration(space: SearchSpace, result: SearchResult) -> None:
    rows = result.history.rows
    assert [row.number for row in rows] == list(range(1, 13))
    assert all(0 <= row.reward <= 1 for row in rows)
    assert all(0 < row.entropy <= 6 * np.log(5) + 1e-4 for row in rows)
    assert all(np.isfinite(row.loss) for row in rows)
    space.check(space.parse(row.baseline for row in rows))
    assert all(np.isnan(row.kendall_tau) for row in rows)
    assert result.provider == "cpu"


def test_baseline_changes_only_at_its_interval(result: SearchResult) -> None:
    rows = result.history.rows
    changes = [
        after.number for before, after in pairwise(rows) if after.baseline != before.baseline
    ]
    assert changes
    assert all(number % 4 == 0 for number in changes)


def test_baseline_becomes_better(space: SearchSpace, result: SearchResult) -> None:
    rows = result.history.rows
    ends = space.parse([rows[0].baseline, rows[-1].baseline])
    assert result.comparator.compare(ends[1:], ends[:1])[0] > 0.5


def test_fixed_baseline_stays(run: Run) -> None:
    rows = run(config=replace(SMALL, baseline="fixed")).history.rows
    assert len({row.baseline for row in rows}) == 1


def test_search_learns_to_beat_its_baseline(space: SearchSpace, run: Run) -> None:
    config = replace(SMALL, iterations=60, baseline="fixed", policy_samples=32)
    rewards = [row.reward for row in run(config=config).history.rows]
    assert np.mean(rewards[-10:]) > np.mean(rewards[:10]) + 0.1


def test_search_finds_the_top_of_the_space(space: SearchSpace, run: Run) -> None:
    result = run(config=replace(SMALL, iterations=60, policy_samples=32))
    everything = space.enumerate()
    everything = everything[space.is_distinct(everything)]
    won = result.comparator.win_probability(everything)
    best = result.comparator.win_probability(result.architectures[:1], against=everything)[0]
    assert (won > best).mean() < 0.01


def test_equal_seeds_give_equal_results_whatever_the_global_generators_say(
    run: Run, result: SearchResult
) -> None:
    torch.manual_seed(77)
    again = run()
    assert again.architectures == result.architectures
    np.testing.assert_array_equal(again.win_probability, result.win_probability)
    assert str(again.history.rows) == str(result.history.rows)


def test_other_seeds_give_other_results(run: Run, result: SearchResult) -> None:
    assert run(seed=1).architectures != result.architectures


def test_global_generator_is_left_alone(run: Run) -> None:
    before = torch.get_rng_state()
    run(config=replace(SMALL, iterations=2))
    assert torch.equal(torch.get_rng_state(), before)


def test_comparator_learns_on(labels: LabelSet, fit: Fit, result: SearchResult) -> None:
    batch = labels.space.sample(50, seed=0)
    before = fit(labels).win_probability(batch)
    assert np.abs(result.comparator.win_probability(batch) - before).max() > 1e-5


def test_progress_is_told_after_every_iteration(run: Run) -> None:
    told: list[tuple[int, int]] = []
    run(iterations=3, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_kendall_tau_is_measured_on_held_out_labels(run: Run, labels: LabelSet) -> None:
    rows = run(labels[:30], held_out=labels[30:]).history.rows
    measured = [row.number for row in rows if not np.isnan(row.kendall_tau)]
    assert measured == [4, 8, 12]


def test_without_pseudo_labels_it_learns_from_labels_alone(run: Run, result: SearchResult) -> None:
    alone = run(config=replace(SMALL, pseudo_label_ratio=0.0))
    assert alone.history.rows[0].loss != result.history.rows[0].loss


@pytest.mark.parametrize("limit", [5e6, 12e6])
def test_every_result_stays_within_max_madds(
    limit: float, run: Run, costed: SearchSpace, labels: LabelSet
) -> None:
    result = run(costed_labels(costed, labels), max_madds=limit)
    madds = costed.costs(result.architectures).madds
    assert len(madds) > 1
    assert madds.max() <= limit
    baselines = costed.parse(row.baseline for row in result.history.rows)
    assert costed.costs(baselines).madds.max() <= limit
    assert costed.costs(labels.architectures).madds.max() > limit


def test_limit_that_nothing_meets_is_an_error(
    run: Run, costed: SearchSpace, labels: LabelSet
) -> None:
    with pytest.raises(ConfigurationError, match="within max_madds"):
        run(costed_labels(costed, labels), max_madds=0.5)


def test_limit_that_hardly_anything_meets_is_an_error_of_ours(
    run: Run, costed: SearchSpace, labels: LabelSet
) -> None:
    """28 of 15,625 rows are within the limit, mostly too few among those explored."""
    refused = 0
    for seed in range(4):
        try:
            result = run(costed_labels(costed, labels), max_madds=2e6, seed=seed)
        except ConfigurationError as error:
            refused += "max_madds" in str(error)
        else:
            assert costed.costs(result.architectures).madds.max() <= 2e6
    assert refused


def test_space_without_costs_has_no_limit(run: Run) -> None:
    with pytest.raises(SpaceError, match="does not know multiply-adds"):
        run(max_madds=1e6)


def test_bad_arguments_are_refused(run: Run, labels: LabelSet, fit: Fit) -> None:
    with pytest.raises(ConfigurationError, match="iterations must be at least 1, not 0"):
        run(iterations=0)
    with pytest.raises(ConfigurationError, match="unknown preset 'best'"):
        search(labels.space, labels, preset="best")
    with pytest.raises(LabelError, match="at least 10 labels are needed, not 9"):
        search(labels.space, labels[:9])
    with pytest.raises(ArchitectureError, match="'nasbench201' are not in space 'darts'"):
        search(get_space("darts"), labels)


def test_default_preset_fits_once_more_to_all_labels(labels: LabelSet, fit: Fit) -> None:
    """What orders the candidates has not learned from its own pseudo-labels."""
    train, held_out = labels[:30], labels[30:]
    comparator = fit(train)
    comparator.held_out_tau = 0.25
    result = search(
        labels.space,
        train,
        config=replace(SMALL, iterations=2, refit=True),
        comparator=comparator,
        held_out=held_out,
        preset="smoke",
        provider="cpu",
    )
    assert result.comparator is not comparator
    assert result.comparator.label_count == 40
    found = set(labels.space.format(result.architectures))
    assert len(found & set(labels.space.format(held_out.architectures))) > 5
    assert result.comparator.held_out_tau == 0.25


def test_paper_preset_orders_by_the_comparator_that_explored(labels: LabelSet, fit: Fit) -> None:
    comparator = fit(labels)
    result = search(
        labels.space,
        labels,
        preset="paper",
        config=replace(search_preset("paper"), iterations=2),
        comparator=comparator,
        provider="cpu",
    )
    assert result.comparator is comparator
