"""Alg. 2 and its ablations against brute force."""

from collections.abc import Callable

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.labels import LabelSet
from ctnas.searching.baseline import Baseline
from ctnas.searching.scoring import CoreScorer
from ctnas.spaces import SearchSpace


def rows_of(batch: ArchitectureBatch) -> list[tuple[int, ...]]:
    return [tuple(row) for row in batch.decisions.tolist()]


def eq_5(
    comparator: NeuralArchitectureComparator, candidates: list[tuple[int, ...]]
) -> list[float]:
    """Return the mean probability of each to beat every other, comparison by comparison."""
    batch = comparator.space.batch(np.array(candidates, dtype=np.int16))
    count = len(candidates)
    scores = []
    for i in range(count):
        others = [j for j in range(count) if j != i]
        scores.append(float(comparator.compare(batch[[i] * len(others)], batch[others]).mean()))
    return scores


def test_next_baseline_wins_most_among_former_baselines_and_samples(
    space: SearchSpace, comparator: NeuralArchitectureComparator, scorer: CoreScorer
) -> None:
    drawn = space.sample(61, seed=0)
    ascending = drawn[comparator.rank(drawn).indices[::-1]]
    # Ever better samples, the best of them in the middle; then one of weak architectures.
    samples = [
        ascending[start : start + 12][[*range(1, 12, 2), *range(0, 12, 2)]]
        for start in (1, 13, 25, 37, 49, 1)
    ]
    baseline = Baseline("curriculum", ascending[:1], seed=0)
    former = rows_of(ascending[:1])
    changes = []
    for sample in samples:
        candidates = former + [row for row in rows_of(sample) if row not in former]
        changes.append(baseline.update(sample, scorer))
        best = candidates[int(np.argmax(eq_5(comparator, candidates)))]
        assert rows_of(baseline.architecture) == [best]
        former += [best] if best not in former else []
    assert changes == [True] * 5 + [False]


def test_baseline_stays_while_no_sample_is_better(
    space: SearchSpace, comparator: NeuralArchitectureComparator, scorer: CoreScorer
) -> None:
    batch = space.sample(100, seed=0)
    batch = batch[comparator.rank(batch).indices]
    baseline = Baseline("curriculum", batch[:1], seed=0)
    assert not baseline.update(batch[50:], scorer)
    assert baseline.architecture == batch[:1]


def test_former_baseline_returns_when_the_comparator_learns_better(
    space: SearchSpace,
    labels: LabelSet,
    comparator: NeuralArchitectureComparator,
    scorer: CoreScorer,
    fit: Callable[..., NeuralArchitectureComparator],
) -> None:
    batch = space.sample(200, seed=0)
    order = comparator.rank(batch).indices
    worst, middle, best = batch[order[-1:]], batch[order[90:110]], batch[order[:1]]
    baseline = Baseline("curriculum", worst, seed=0)
    baseline.update(best, scorer)
    assert baseline.architecture == best
    reverse = fit(LabelSet(space, labels.architectures, -labels.values))
    candidates = [*rows_of(worst), *rows_of(best), *rows_of(middle)]
    assert np.argmax(eq_5(reverse, candidates)) == 0
    assert baseline.update(middle, CoreScorer(reverse, "cpu"))
    assert baseline.architecture == worst


def test_repetitions_in_a_sample_count_once(
    space: SearchSpace, comparator: NeuralArchitectureComparator, scorer: CoreScorer
) -> None:
    drawn = space.sample(8, seed=2)
    crowded = drawn[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 7, 7]]
    apart, together = (Baseline("curriculum", drawn[:1], seed=0) for _ in range(2))
    apart.update(drawn[1:], scorer)
    together.update(crowded, scorer)
    assert apart.architecture == together.architecture


@pytest.mark.parametrize("kind", ["curriculum", "random", "fixed"])
def test_empty_sample_leaves_the_baseline(
    kind: str, space: SearchSpace, scorer: CoreScorer
) -> None:
    first = space.sample(1, seed=0)
    baseline = Baseline(kind, first, seed=0)
    assert not baseline.update(space.sample(0, seed=0), scorer)
    assert baseline.architecture == first


def test_fixed_baseline_never_changes(space: SearchSpace, scorer: CoreScorer) -> None:
    drawn = space.sample(51, seed=0)
    baseline = Baseline("fixed", drawn[:1], seed=0)
    for _ in range(3):
        assert not baseline.update(drawn[1:], scorer)
    assert baseline.architecture == drawn[:1]


def test_random_baseline_is_any_of_the_candidates_alike(
    space: SearchSpace, scorer: CoreScorer
) -> None:
    drawn = space.sample(5, seed=0)
    chosen = []
    for seed in range(400):
        baseline = Baseline("random", drawn[:1], seed)
        baseline.update(drawn[1:], scorer)
        chosen.extend(rows_of(baseline.architecture))
    counts = [chosen.count(row) for row in rows_of(drawn)]
    assert sum(counts) == 400
    # Binomial with mean 80 and standard deviation 8.
    assert all(50 < count < 110 for count in counts)


def test_random_baseline_follows_its_seed(space: SearchSpace, scorer: CoreScorer) -> None:
    drawn = space.sample(51, seed=0)
    baselines = [Baseline("random", drawn[:1], seed=3) for _ in range(2)]
    for baseline in baselines:
        baseline.update(drawn[1:], scorer)
    assert baselines[0].architecture == baselines[1].architecture
