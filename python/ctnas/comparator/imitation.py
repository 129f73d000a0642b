"""An encoder learns the scores that an ensemble gave to a pool of architectures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas import _core
from ctnas.app.threads import processors
from ctnas.comparator.core_networks import network_shape, schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctnas.architecture import Float32Array, Float64Array
    from ctnas.comparator.core_networks import Advance
    from ctnas.comparator.encoders import BidirectionalEncoder


@dataclass(frozen=True, slots=True)
class Imitation:
    """How an encoder learns scores.

    Attributes:
        steps: of the optimizer.
        learning_rate: of AdamW, where the schedule peaks.
        weight_decay: of AdamW.
        batch: architectures in a step.
        scale: what errors are divided by.
    """

    steps: int
    learning_rate: float
    weight_decay: float
    batch: int
    scale: float


def imitate_scores(
    encoder: BidirectionalEncoder,
    vocabulary: Sequence[str],
    graphs: _core.LearningGraphs,
    targets: Float64Array,
    imitation: Imitation,
    seed: int,
    advance: Advance,
) -> None:
    """Train an encoder in the core until its scores are those given.

    Args:
        encoder: begins with its weights as they are; takes on the trained ones.
        vocabulary: names of its operation ids.
        graphs: N architectures.
        targets: float64 [N], scores.
        imitation: how.
        seed: of the draws.
        advance: called with the number of steps that were taken.
    """
    draws = np.random.SeedSequence([seed, len(targets)]).generate_state(1, np.uint64)
    learned = _core.learn_scores(
        network_shape(vocabulary, encoder.config),
        encoder_parameters(encoder),
        int(draws[0]),
        graphs,
        targets.astype(np.float32),
        imitation.scale,
        imitation.batch,
        schedule(imitation.steps, imitation.learning_rate, imitation.weight_decay),
        threads=processors(),
        advance=advance,
    )
    load_parameters(encoder, learned)


def encoder_parameters(encoder: BidirectionalEncoder) -> list[Float32Array]:
    """Return the weights of an encoder as the core orders them."""
    return [array.detach().numpy().copy(order="C") for array in _matrices(encoder)]


def load_parameters(encoder: BidirectionalEncoder, arrays: Sequence[Float32Array]) -> None:
    """Give an encoder weights that the core returned."""
    with torch.no_grad():
        for matrix, array in zip(_matrices(encoder), arrays, strict=True):
            matrix.copy_(torch.from_numpy(array))


def _matrices(encoder: BidirectionalEncoder) -> list[torch.Tensor]:
    """Return views of the weights as matrices: of what comes in times what goes out."""
    named = dict(encoder.named_parameters())
    matrices: list[torch.Tensor] = [named["embedding.rows"]]
    for layer in range(encoder.config.layers):
        matrices.append(named[f"convolutions.{layer}.weight"].T)
        rows = ("convolutions.{}.bias", "norms.{}.weight", "norms.{}.bias")
        matrices += [named[row.format(layer)][None] for row in rows]
    return [*matrices, named["hidden.weight"].T, named["hidden.bias"][None], named["score.weight"]]
