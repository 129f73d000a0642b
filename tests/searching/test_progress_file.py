"""A search that is interrupted and goes on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.errors import ModelError
from ctnas.labels import LabelSet
from ctnas.searching import SearchConfig, SearchResult, search

Run = Callable[..., SearchResult]

SMALL = SearchConfig(
    iterations=12,
    policy_samples=8,
    policy_width=16,
    explored_architectures=24,
    explored_pairs=64,
    baseline="random",
    baseline_interval=3,
    tau_interval=4,
    refit=False,
)


class Stopper:
    """Progress that raises after some iterations."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, list[int]()

    def __call__(self, done: int, _: int) -> None:
        self.seen.append(done)
        if done == self.at:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def run(labels: LabelSet, fit: Callable[..., NeuralArchitectureComparator]) -> Run:
    train, held_out = labels.split(0.75, seed=0)

    def run(seed: int = 0, config: SearchConfig = SMALL, **options: object) -> SearchResult:
        return search(
            labels.space,
            train,
            preset="paper",
            config=config,
            seed=seed,
            provider="cpu",
            comparator=fit(train),
            held_out=held_out,
            **options,
        )

    return run


def told(result: SearchResult) -> tuple[object, ...]:
    return (
        result.architectures.decisions.tobytes(),
        result.win_probability.tobytes(),
        repr(result.history.rows),
    )


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("stop", [1, 5, 12])
def test_search_goes_on_to_the_same_bits(
    run: Run, tmp_path: Path, stop: int, decoupled: bool
) -> None:
    config = replace(SMALL, learning=replace(SMALL.learning, decoupled=decoupled))
    file = tmp_path / "search.safetensors"
    with pytest.raises(KeyboardInterrupt):
        run(config=config, checkpoint=file, progress=Stopper(stop))
    later = Stopper(-1)
    resumed = run(config=config, checkpoint=file, progress=later)
    assert later.seen == list(range(stop + 1, 13))
    assert told(resumed) == told(run(config=config))


def test_iterations_are_a_total_that_may_be_raised(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "search.safetensors"
    run(config=replace(SMALL, iterations=5), checkpoint=file)
    assert told(run(checkpoint=file)) == told(run())


def test_state_of_another_search_is_passed_over(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "search.safetensors"
    run(seed=1, checkpoint=file)
    assert told(run(checkpoint=file)) == told(run())


def test_corrupt_state_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "search.safetensors"
    file.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"search.safetensors' is not a state file"):
        run(checkpoint=file)
