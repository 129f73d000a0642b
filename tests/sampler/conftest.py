"""A small space, and samplers that fit and search in a moment."""

from collections.abc import Callable, Iterator, Mapping

import optuna
import pytest
import torch

from ctnas.sampler import CTNASSampler
from ctnas.spaces import GraphSpace, SearchSpace, get_space

Make = Callable[..., CTNASSampler]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    torch.set_num_threads(1)
    yield
    optuna.logging.set_verbosity(level)


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return get_space("nasbench201")


@pytest.fixture(scope="session")
def chain() -> GraphSpace:
    """Return a space of 24 chains."""

    def wire(choice: Mapping[str, str]) -> tuple[list[str], list[tuple[int, int]]]:
        nodes = ["input", choice["first"], choice["second"], choice["third"], "output"]
        return nodes, [(node, node + 1) for node in range(4)]

    decisions = {"first": ["a", "b"], "second": ["a", "b", "c", "d"], "third": ["b", "c", "d"]}
    return GraphSpace("chain", decisions, wire)


@pytest.fixture
def make(space: SearchSpace) -> Make:
    def make(among: SearchSpace = space, **options: object) -> CTNASSampler:
        settings = {"startup_trials": 20, "refit_interval": 10, "seed": 0}
        return CTNASSampler(among, **{**settings, **options})

    return make
