"""Whether a file of a network computes what was measured, image by image."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ctnas.errors import ModelError
from ctnas.networks.onnx_graph import INPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ctnas.training.image_set import ImageSet

TOLERANCE = 1e-4
"""How far two computations of a logit may differ by rounding."""

_OF_LARGEST = 1e-5
"""The same as a share of the largest logit, where that is more."""

_PASS_BYTES = 2**22

Pixels: TypeAlias = "NDArray[np.uint8]"
Logits: TypeAlias = "NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two computations of the same logits compare, and how right they are.

    Attributes:
        images: number of images.
        right: how many of them the second classifies rightly.
        difference: largest difference of two logits.
        allowed: largest difference that rounding may make.
        disagreements: images whose most likely class differs, though not by rounding alone.
    """

    images: int
    right: int
    difference: float
    allowed: float
    disagreements: int

    @property
    def accuracy(self) -> float:
        """Fraction of images that are classified rightly."""
        return self.right / self.images

    @property
    def standard_error(self) -> float:
        """Standard error of the accuracy, by the number of images."""
        return sqrt(self.accuracy * (1 - self.accuracy) / self.images)

    @property
    def passed(self) -> bool:
        """Whether both compute the same."""
        return self.difference <= self.allowed and not self.disagreements

    def __str__(self) -> str:
        return (
            f"logits of {self.images:,} images differ by {self.difference:.1e} at most, allowed "
            f"{self.allowed:.1e}; the most likely class differs on {self.disagreements}"
        )


def compare(expected: Logits, found: Logits, labels: NDArray[np.int64]) -> Agreement:
    """Compare logits float32 [N, classes].

    Args:
        expected: as measured.
        found: by a file.
        labels: int64 [N].
    """
    if not np.isfinite(found).all():
        raise ModelError("the network puts out logits that are not finite")
    allowed = max(TOLERANCE, _OF_LARGEST * float(np.abs(expected).max()))
    ordered = np.sort(expected, axis=1)
    decided = ordered[:, -1] - ordered[:, -2] > 2 * allowed
    differs = expected.argmax(axis=1) != found.argmax(axis=1)
    return Agreement(
        images=len(labels),
        right=int((found.argmax(axis=1) == labels).sum()),
        difference=float(np.abs(expected - found).max()),
        allowed=allowed,
        disagreements=int((differs & decided).sum()),
    )


def logits_of(images: ImageSet, *computes: Callable[[Any], Any]) -> list[Logits]:
    """Return the logits float32 [N, classes] of all images by each of some functions.

    Args:
        images: N images.
        computes: take uint8 [B, C, H, W] as a tensor, return logits [B, classes].
    """
    passes = [[np.asarray(compute(part)) for compute in computes] for part in _parts(images)]
    return [np.concatenate(parts).astype(np.float32) for parts in zip(*passes, strict=True)]


def _parts(images: ImageSet) -> Iterator[Any]:
    rows = max(1, _PASS_BYTES // int(np.prod(images.shape)))
    for start in range(0, len(images), rows):
        yield images.batch(range(start, min(start + rows, len(images))))[0]


def onnx_logits(model: bytes | Path) -> Callable[[Any], Logits]:
    """Return what computes logits by a `network.onnx`, as any program would.

    Raises:
        ModelError: if ONNX Runtime cannot open it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    content = model if isinstance(model, bytes) else str(model)
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        raise ModelError(f"ONNX Runtime cannot open the network: {error}") from error

    def compute(images: Any) -> Logits:
        logits: Logits = session.run(None, {INPUT: np.asarray(images)})[0]
        return logits

    return compute
