"""What is trained fully, and what is trained again."""

import numpy as np
import pytest

from ctnas.architecture import Float64Array
from ctnas.comparator.fitting import fit_comparator
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.labels import LabelSet
from ctnas.searching.choice import best_and_median
from ctnas.searching.full_trainings import CheapLabels, Training, TrainingCandidates
from ctnas.spaces import get_space

SPACE = get_space("nasbench201")
TOTAL = 20


def convolutions(texts: list[str]) -> Float64Array:
    return np.char.count(texts, "conv_3x3").astype(np.float64)


@pytest.fixture(scope="module")
def labels() -> LabelSet:
    """Cells that are the better the more convolutions they have, but for noise."""
    batch = SPACE.sample(60, seed=0)
    noise = 0.2 * np.random.default_rng(0).normal(size=60)
    return LabelSet(SPACE, batch, convolutions(SPACE.format(batch)) + noise, "accuracy")


@pytest.fixture(scope="module")
def comparator(labels: LabelSet) -> NeuralArchitectureComparator:
    return fit_comparator(SPACE, labels, "smoke", 0)


def make(
    comparator: NeuralArchitectureComparator, labels: LabelSet, *trained: str
) -> TrainingCandidates:
    found = SPACE.sample(40, seed=1)
    return TrainingCandidates(comparator, labels, labels[np.arange(40)], found, trained)


@pytest.fixture(scope="module")
def candidates(comparator: NeuralArchitectureComparator, labels: LabelSet) -> TrainingCandidates:
    return make(comparator, labels)


def made(candidates: TrainingCandidates, count: int) -> list[Training]:
    """Return the first trainings of a run, whose accuracies are all alike."""
    trainings: list[Training] = []
    while len(trainings) < count:
        values = np.full(len(trainings), 0.9)
        trainings += candidates.choose(trainings, values, min(5, count - len(trainings)), TOTAL)
    return trainings


def test_the_first_round_compares_the_best_with_those_of_the_random_sample(
    candidates: TrainingCandidates, labels: LabelSet
) -> None:
    first = candidates.choose([], np.array([]), 5, TOTAL)
    beside = SPACE.format(best_and_median(labels[np.arange(40)]))
    assert [each.architecture for each in first[:2]] == beside
    assert len(set(first)) == 5
    assert {each.repetition for each in first} == {0}
    rest = [each.architecture for each in first[2:]]
    assert convolutions(rest).mean() > np.sort(convolutions(candidates.texts))[-20:].min()


def test_few_trainings_are_spent_on_what_promises_most_alone(
    candidates: TrainingCandidates,
) -> None:
    (only,) = candidates.choose([], np.array([]), 1, 1)
    row = candidates.texts.index(only.architecture)
    assert candidates.cheap[row] == candidates.cheap.max()


def test_no_architecture_is_new_twice(candidates: TrainingCandidates) -> None:
    trainings = made(candidates, 15)
    assert len({each.architecture for each in trainings}) == 15


def test_the_last_trainings_repeat_finalists_that_noise_does_not_tell_apart(
    candidates: TrainingCandidates,
) -> None:
    trainings = made(candidates, 15)
    values = 0.9 + 0.004 * np.random.default_rng(1).normal(size=15)
    last = candidates.choose(trainings, values, 5, TOTAL)
    known = {each.architecture for each in trainings}
    assert {each.architecture for each in last} <= known
    assert min(each.repetition for each in last) == 1
    # None is trained a third time before all finalists were trained twice.
    assert sum(each.repetition == 2 for each in last) <= 1
    assert len(set(last)) == 5


def test_where_the_best_leads_clearly_nothing_is_repeated(candidates: TrainingCandidates) -> None:
    trainings = made(candidates, 15)
    values = 0.7 + 0.01 * convolutions([each.architecture for each in trainings])
    values[4] += 0.2
    repeated = [*trainings, *[Training(trainings[4].architecture, again) for again in (1, 2)]]
    values = np.append(values, [values[4], values[4]])
    last = candidates.choose(repeated, values, 3, TOTAL)
    assert {each.repetition for each in last} == {0}
    assert not {each.architecture for each in last} & {each.architecture for each in trainings}


def test_the_best_is_ranked_first(candidates: TrainingCandidates) -> None:
    trainings = made(candidates, 10)
    values = np.linspace(0.8, 0.95, 10)
    belief = candidates.belief(trainings, values)
    first = candidates.ranked(trainings, belief)[0]
    assert candidates.texts[first] == trainings[-1].architecture


def test_candidates_do_not_depend_on_what_was_trained_of_them(
    candidates: TrainingCandidates, comparator: NeuralArchitectureComparator, labels: LabelSet
) -> None:
    trainings = made(candidates, 5)
    later = make(comparator, labels, *[each.architecture for each in trainings])
    assert later.texts == candidates.texts
    values = np.linspace(0.8, 0.9, 5)
    assert later.choose(trainings, values, 5, TOTAL) == candidates.choose(
        trainings, values, 5, TOTAL
    )


def test_what_was_trained_and_is_no_candidate_any_more_stays_known(
    comparator: NeuralArchitectureComparator, labels: LabelSet, candidates: TrainingCandidates
) -> None:
    others = SPACE.format(SPACE.sample(300, seed=9))
    other = next(text for text in others if text not in candidates.texts)
    later = make(comparator, labels, other)
    belief = later.belief([Training(other, 0)], np.array([0.9]))
    assert later.ranked([Training(other, 0)], belief) == [len(later.texts) - 1]


def test_cheap_labels_lie_between_what_was_measured_and_what_is_expected(
    comparator: NeuralArchitectureComparator, labels: LabelSet
) -> None:
    cheap = CheapLabels(comparator, labels)
    assert cheap.of(labels.architectures) == pytest.approx(cheap.believed)
    unknown = SPACE.sample(200, seed=4)
    said = cheap.of(unknown)
    assert np.corrcoef(said, convolutions(SPACE.format(unknown)))[0, 1] > 0.5
