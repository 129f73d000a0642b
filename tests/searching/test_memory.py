"""A comparator that explores keeps what it knew."""

import numpy as np
import torch

from ctnas.comparator.nac import NeuralArchitectureComparator
from ctnas.comparator.presets import EncoderConfig
from ctnas.searching.memory import RememberedComparisons
from ctnas.searching.scoring import CoreScorer
from ctnas.spaces import SearchSpace


def test_targets_are_what_the_comparator_said(space: SearchSpace) -> None:
    comparator = NeuralArchitectureComparator(space, EncoderConfig(width=8, layers=2))
    comparator.encoder.eval()
    batch = space.sample(50, seed=0)
    logits = CoreScorer(comparator, "cpu").encode(batch)
    remembered = RememberedComparisons(space.graphs(batch), logits, pairs=40, seed=1)
    drawn = remembered.draw()
    with torch.no_grad():
        challenger, opponent = comparator.encoder(drawn.graphs.adjacency, drawn.graphs.operations)
    said = torch.sigmoid(challenger[drawn.first] + opponent[drawn.second])
    assert len(drawn.target) == 40
    np.testing.assert_allclose(drawn.target, said, atol=1e-5)


def test_draws_go_on_from_their_state(space: SearchSpace) -> None:
    comparator = NeuralArchitectureComparator(space, EncoderConfig(width=8, layers=2))
    batch = space.sample(20, seed=0)
    logits = CoreScorer(comparator, "cpu").encode(batch)
    remembered = RememberedComparisons(space.graphs(batch), logits, pairs=10, seed=1)
    state = remembered.generator.get_state()
    expected = remembered.draw().target
    remembered.generator.set_state(state)
    torch.testing.assert_close(remembered.draw().target, expected)
