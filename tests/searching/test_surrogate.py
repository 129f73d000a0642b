"""What is asked next: the upper confidence bound of a Gaussian process."""

import numpy as np
import pytest

from ctnas.architecture import ArchitectureBatch
from ctnas.errors import ConfigurationError
from ctnas.labels import LabelSet
from ctnas.searching.candidates import CandidateSource, candidate_generator
from ctnas.searching.surrogate import Surrogate
from ctnas.spaces import DartsSpace, SearchSpace, get_space


def convolutions(space: SearchSpace, rows: np.ndarray) -> np.ndarray:
    """Return an objective that is easy to learn: how many 3x3 convolutions there are."""
    return (rows == 3).sum(axis=1).astype(np.float64)


@pytest.fixture(scope="module")
def cells() -> LabelSet:
    """Return 60 labeled cells of NAS-Bench-201, none of them among the best."""
    space = get_space("nasbench201")
    drawn = space.sample(400, seed=0)
    few = convolutions(space, drawn.decisions) <= 3
    drawn = drawn[few][:60]
    return LabelSet(space, drawn, convolutions(space, drawn.decisions))


def test_the_best_architectures_are_asked_first(cells: LabelSet) -> None:
    space = cells.space
    surrogate = Surrogate(CandidateSource(space), optimism=0.0)
    found = surrogate.promising(cells, candidate_generator(0), space.size)
    assert len(found) == space.size - len(cells)
    assert len(np.unique(found.decisions, axis=0)) == len(found)
    assert convolutions(space, found[:10].decisions).mean() >= 5
    assert convolutions(space, found[-1000:].decisions).mean() < 2


def test_more_optimism_asks_for_what_is_less_known(cells: LabelSet) -> None:
    def distance(optimism: float) -> float:
        """Return how many decisions the first candidates do not share with each other."""
        surrogate = Surrogate(CandidateSource(cells.space), optimism)
        first = surrogate.promising(cells, candidate_generator(0), 50).decisions
        return float((first[:, None, :] != first[None]).sum(axis=2).mean())

    assert distance(100.0) > distance(0.0)


def test_what_is_asked_at_once_differs(cells: LabelSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def spread(found: ArchitectureBatch) -> int:
        """Return how many decisions any two do not share, summed over all pairs."""
        return int((found.decisions[:, None, :] != found.decisions[None]).sum())

    together = Surrogate(CandidateSource(cells.space), optimism=100.0)
    apart = together.promising(cells, candidate_generator(0), 20)
    monkeypatch.setattr("ctnas.searching.surrogate.CONTENDERS", 1)
    alone = together.promising(cells, candidate_generator(0), 20)
    assert apart[:1] == alone[:1]
    assert spread(apart) > spread(alone)


def test_the_order_depends_on_labels_alone(cells: LabelSet) -> None:
    surrogate = Surrogate(CandidateSource(cells.space))
    first = surrogate.promising(cells, candidate_generator(0), 20)
    assert surrogate.promising(cells, candidate_generator(5), 20) == first
    again = Surrogate(CandidateSource(cells.space)).promising(cells, candidate_generator(0), 20)
    assert again == first


@pytest.mark.usefixtures("small_draws")
def test_a_large_space_is_climbed() -> None:
    space = DartsSpace()
    drawn = space.sample(60, seed=0)
    labels = LabelSet(space, drawn, (drawn.decisions == 0).sum(axis=1).astype(np.float64))
    found = Surrogate(CandidateSource(space)).promising(labels, candidate_generator(0), 10)
    assert (found.decisions == 0).sum(axis=1).mean() > labels.values.max()


def test_where_nothing_is_left_nothing_is_asked(cells: LabelSet) -> None:
    source = CandidateSource(cells.space, among=cells.architectures)
    assert not len(Surrogate(source).promising(cells, candidate_generator(0), 5))


def test_optimism_must_not_be_negative(cells: LabelSet) -> None:
    with pytest.raises(ConfigurationError, match="optimism must be at least 0, not -1"):
        Surrogate(CandidateSource(cells.space), optimism=-1)
