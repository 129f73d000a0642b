"""Optuna's own test cases for samplers."""

from collections.abc import Callable

import pytest
from optuna.samplers import BaseSampler
from optuna.testing import pytest_samplers

from ctnas.sampler import CTNASSampler
from ctnas.spaces import GraphSpace


class Chain:
    @pytest.fixture
    def sampler(self, chain: GraphSpace) -> Callable[[], BaseSampler]:
        return lambda: CTNASSampler(chain, seed=0)


class TestBasic(Chain, pytest_samplers.BasicSamplerTestCase):
    pass


class TestRelative(Chain, pytest_samplers.RelativeSamplerTestCase):
    pass


class TestMultiObjective(Chain, pytest_samplers.MultiObjectiveSamplerTestCase):
    pass
