"""What is a candidate of the next query, and what is not."""

from collections.abc import Callable

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.labels import LabelSet
from ctnas.search.strategies.candidates import CandidateSource, candidate_generator
from ctnas.spaces import DartsSpace, SearchSpace

Fit = Callable[..., NeuralArchitectureComparator]


def rows(batch: ArchitectureBatch) -> set[bytes]:
    return set(map(bytes, batch.decisions))


def test_candidates_of_a_small_space_are_all_that_was_not_measured(
    space: SearchSpace, labels: LabelSet, comparator: NeuralArchitectureComparator
) -> None:
    known, withheld = labels[:30], labels[30:].architectures
    source = CandidateSource(space, withheld=withheld)
    found = source.candidates(known, comparator, candidate_generator(0))
    assert rows(found) == rows(space.enumerate()) - rows(labels.architectures)


def test_candidates_of_a_table_are_its_rows_that_were_not_measured(
    space: SearchSpace, labels: LabelSet, comparator: NeuralArchitectureComparator
) -> None:
    source = CandidateSource(space, among=labels.architectures)
    found = source.candidates(labels[:30], comparator, candidate_generator(0))
    assert found == labels[30:].architectures
    assert not len(source.candidates(labels, comparator, candidate_generator(0)))


def test_nothing_over_the_limit_is_a_candidate_of_a_small_space(
    costed: SearchSpace, labels: LabelSet, comparator: NeuralArchitectureComparator
) -> None:
    source = CandidateSource(costed, max_madds=9e6)
    found = source.candidates(labels, comparator, candidate_generator(0))
    allowed = costed.enumerate().decisions
    allowed = allowed[allowed.sum(axis=1) <= 9]
    assert rows(found) == set(map(bytes, allowed)) - rows(labels.architectures)


def test_a_limit_that_excludes_everything_leaves_nothing(
    costed: SearchSpace, labels: LabelSet, comparator: NeuralArchitectureComparator
) -> None:
    dear = labels.architectures[labels.architectures.decisions.sum(axis=1) > 9]
    source = CandidateSource(costed, max_madds=9e6, among=dear)
    assert not len(source.candidates(labels, comparator, candidate_generator(0)))


@pytest.fixture
def small_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SAMPLES", 200), ("PARENTS", 5), ("CHILDREN", 4)):
        monkeypatch.setattr(f"ctnas.search.strategies.candidates.{name}", value)


@pytest.mark.usefixtures("small_draws")
def test_candidates_of_a_large_space_are_new_graphs_within_the_limit(fit: Fit) -> None:
    space = DartsSpace()
    drawn = space.sample(60, seed=0)
    madds = space.costs(drawn).madds
    limit = float(np.median(madds))
    labels = LabelSet(space, drawn, madds)
    known, withheld = labels[:40], labels[40:].architectures
    comparator = fit(known)
    source = CandidateSource(space, max_madds=limit, withheld=withheld)
    found = source.candidates(known, comparator, candidate_generator(0))
    assert len(found) > 50
    assert (space.costs(found).madds <= limit).all()
    every = ArchitectureBatch.concatenate([drawn, found])
    assert space.is_distinct(every)[len(drawn) :].all()


@pytest.mark.usefixtures("small_draws")
def test_random_candidates_of_a_numbered_round_depend_on_no_other_round(fit: Fit) -> None:
    space = DartsSpace()
    drawn = space.sample(40, seed=0)
    labels = LabelSet(space, drawn, np.arange(40.0))
    comparator = fit(labels)
    source, other = CandidateSource(space), CandidateSource(space)
    rounds = [source.candidates(labels, comparator, candidate_generator(3, n)) for n in (0, 1)]
    assert rounds[0] != rounds[1]
    assert other.candidates(labels, comparator, candidate_generator(3, 1)) == rounds[1]
