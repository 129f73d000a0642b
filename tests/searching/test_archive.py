import numpy as np
import pytest

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.searching import archive as archive_module
from ctnas.searching.archive import Archive
from ctnas.searching.scoring import CoreScorer
from ctnas.spaces import SearchSpace


def test_repeated_architectures_are_remembered_once(space: SearchSpace, scorer: CoreScorer) -> None:
    drawn = space.sample(50, seed=0)
    archive = Archive()
    for batch in (drawn[:30], drawn[20:], drawn[[3, 3, 3]], space.sample(0, seed=0)):
        archive.add(batch, scorer)
    expected = sorted(map(tuple, drawn.decisions.tolist()))
    assert [tuple(row) for row in archive.distinct().decisions.tolist()] == expected
    assert archive.distinct().space == space.name


def test_archive_keeps_the_best_when_it_is_full(
    space: SearchSpace,
    scorer: CoreScorer,
    comparator: NeuralArchitectureComparator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive_module, "CAPACITY", 40)
    monkeypatch.setattr(archive_module, "SLACK", 100)
    drawn = space.sample(500, seed=0)
    archive = Archive()
    for start in range(0, 500, 50):
        archive.add(drawn[start : start + 50], scorer)
        assert len(archive.distinct()) <= 140
    best = drawn[comparator.rank(drawn, top=20).indices]
    kept = set(map(tuple, archive.distinct().decisions.tolist()))
    assert set(map(tuple, best.decisions.tolist())) <= kept


def test_repetitions_alone_never_push_anything_out(
    space: SearchSpace, scorer: CoreScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "CAPACITY", 40)
    monkeypatch.setattr(archive_module, "SLACK", 100)
    drawn = space.sample(30, seed=0)
    archive = Archive()
    for _ in range(20):
        archive.add(drawn, scorer)
    np.testing.assert_array_equal(archive.distinct().decisions, np.unique(drawn.decisions, axis=0))
