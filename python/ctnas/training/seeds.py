"""Independent random streams of one seed: what an epoch draws does not depend on earlier ones.

Training that goes on from the last finished epoch then draws what it would have drawn.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.app.torch_state import own_state

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stream(IntEnum):
    """What is drawn from a stream."""

    PATHS = 1
    ORDER = 2
    AUGMENTATION = 3
    DROPOUT = 4
    WEIGHTS = 5
    SUBSET = 6
    REPETITION = 7


def numpy_stream(seed: int, stream: Stream, *place: int) -> np.random.Generator:
    """Return the generator of a stream, at an epoch, step or the like."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, *place)))


def torch_seed(seed: int, stream: Stream, *place: int) -> int:
    """Return a seed of PyTorch's generators for a stream, at an epoch, step or the like."""
    sequence = np.random.SeedSequence(seed, spawn_key=(stream, *place))
    return int(sequence.generate_state(1, np.uint64)[0] >> 1)


def torch_stream(seed: int, stream: Stream, *place: int) -> torch.Generator:
    """Return the generator of a stream on the CPU, at an epoch, step or the like."""
    return torch.Generator().manual_seed(torch_seed(seed, stream, *place))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw from generators of one's own as `seed` says."""
    with own_state(seed):
        yield
