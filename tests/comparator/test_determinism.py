"""Equal seeds give equal gradients, however many threads add them up."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch

from ctnas.comparator.comparisons import LabeledComparisons
from ctnas.comparator.encoders import PairNetwork, make_encoder
from ctnas.comparator.presets import EncoderConfig, FitConfig
from ctnas.comparator.training import ComparatorTrainer
from ctnas.labels import LabelSet
from ctnas.spaces import DartsSpace


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def make_network(kind: str, vocabulary: Sequence[str]) -> PairNetwork:
    return make_encoder(vocabulary, EncoderConfig(kind=kind, width=32))


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        pytest.param("gcn", 20_000, marks=pytest.mark.slow),
        pytest.param("bidirectional", None, marks=pytest.mark.slow),
        pytest.param("gcn", None, marks=pytest.mark.slow),
        pytest.param("bidirectional", 20_000, marks=pytest.mark.slow),
    ],
)
def test_two_fits_on_two_threads_are_equal_bit_for_bit(kind: str, pairs: int | None) -> None:
    space = DartsSpace()
    labels = LabelSet(space, space.sample(300, seed=0), np.random.default_rng(0).random(300))
    config = FitConfig(steps=20, pairs=pairs)

    def weights() -> list[torch.Tensor]:
        torch.manual_seed(0)
        network = make_network(kind, space.vocabulary)
        trainer = ComparatorTrainer(network, config)
        batches = LabeledComparisons(labels, config, seed=0)
        for _ in range(10):
            trainer.step(batches.draw())
        return [parameter.detach().clone() for parameter in network.parameters()]

    reference = weights()
    for _ in range(4):
        for a, b in zip(weights(), reference, strict=True):
            assert torch.equal(a, b)
