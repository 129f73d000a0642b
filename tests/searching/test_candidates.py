"""What is a candidate of the next query, and what is not."""

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import SpaceError
from ctnas.labels import LabelSet
from ctnas.searching.candidates import CandidateSource, candidate_generator
from ctnas.spaces import DartsSpace, SearchSpace


def unmeasured(source: CandidateSource, labels: LabelSet) -> ArchitectureBatch:
    assert source.whole is not None
    return source.whole[source.unmeasured(labels)]


def ones(batch: ArchitectureBatch) -> np.ndarray:
    """Return how often the first choice was taken."""
    return (batch.decisions == 0).sum(axis=1).astype(np.float64)


def rows(batch: ArchitectureBatch) -> set[bytes]:
    return set(map(bytes, batch.decisions))


def test_candidates_of_a_small_space_are_all_that_was_not_measured(
    space: SearchSpace, labels: LabelSet
) -> None:
    known, withheld = labels[:30], labels[30:].architectures
    source = CandidateSource(space, withheld=withheld)
    found = unmeasured(source, known)
    assert rows(found) == rows(space.enumerate()) - rows(labels.architectures)


def test_candidates_of_a_table_are_its_rows_that_were_not_measured(
    space: SearchSpace, labels: LabelSet
) -> None:
    source = CandidateSource(space, among=labels.architectures)
    assert unmeasured(source, labels[:30]) == labels[30:].architectures
    assert not source.unmeasured(labels).any()


def test_nothing_over_the_limit_is_a_candidate_of_a_small_space(
    costed: SearchSpace, labels: LabelSet
) -> None:
    source = CandidateSource(costed, max_madds=9e6)
    found = unmeasured(source, labels)
    allowed = costed.enumerate().decisions
    allowed = allowed[allowed.sum(axis=1) <= 9]
    assert rows(found) == set(map(bytes, allowed)) - rows(labels.architectures)


def test_a_limit_that_excludes_everything_leaves_nothing(
    costed: SearchSpace, labels: LabelSet
) -> None:
    dear = labels.architectures[labels.architectures.decisions.sum(axis=1) > 9]
    source = CandidateSource(costed, max_madds=9e6, among=dear)
    assert not len(unmeasured(source, labels))


@pytest.mark.usefixtures("small_draws")
def test_candidates_of_a_large_space_are_new_graphs_within_the_limit() -> None:
    space = DartsSpace()
    drawn = space.sample(60, seed=0)
    madds = space.costs(drawn).madds
    limit = float(np.median(madds))
    labels = LabelSet(space, drawn, madds)
    known, withheld = labels[:40], labels[40:].architectures
    source = CandidateSource(space, max_madds=limit, withheld=withheld)
    found = source.drawn(known, ones, candidate_generator(0))
    assert len(found) > 50
    assert (space.costs(found).madds <= limit).all()
    every = ArchitectureBatch.concatenate([drawn, found])
    assert space.is_distinct(every)[len(drawn) :].all()


@pytest.mark.usefixtures("small_draws")
def test_random_candidates_of_a_numbered_round_depend_on_no_other_round() -> None:
    space = DartsSpace()
    drawn = space.sample(40, seed=0)
    labels = LabelSet(space, drawn, np.arange(40.0))
    source, other = CandidateSource(space), CandidateSource(space)
    rounds = [source.drawn(labels, ones, candidate_generator(3, n)) for n in (0, 1)]
    assert rounds[0] != rounds[1]
    assert other.drawn(labels, ones, candidate_generator(3, 1)) == rounds[1]


@pytest.mark.usefixtures("small_draws")
def test_candidates_of_a_large_space_lead_to_what_is_expected_to_be_good() -> None:
    space = DartsSpace()
    drawn = space.sample(40, seed=0)
    labels = LabelSet(space, drawn, np.arange(40.0))
    found = CandidateSource(space).drawn(labels, ones, candidate_generator(0))
    # The random ones come first, then mutants of the best, of their best mutants, and so on.
    assert ones(found[-20:]).mean() > ones(labels.best(5).architectures).mean() + 1
    assert ones(found[-20:]).mean() > ones(found[:200]).mean() + 2


def test_a_large_space_is_not_looked_at_as_a_whole() -> None:
    space = DartsSpace()
    labels = LabelSet(space, space.sample(10, seed=0), np.arange(10.0))
    with pytest.raises(SpaceError, match="'darts' is too large to be looked at as a whole"):
        CandidateSource(space).unmeasured(labels)
