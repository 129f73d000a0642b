"""How far apart the ways to compute one comparator are, on random architectures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas import _core
from ctnas.comparator.runtime import COMPARATOR_FILE, RANKER_FILE
from ctnas.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ctnas.architecture import Float64Array, GraphBatch
    from ctnas.spaces import SearchSpace

TOLERANCE = 1e-5
"""How far two computations of a probability may differ by rounding."""


def differences(
    directory: Path, space: SearchSpace, count: int, seed: int
) -> Iterator[tuple[str, float]]:
    """Compare `comparator.onnx` under plain ONNX Runtime with both ways to run `ranker.onnx`.

    Args:
        directory: where both stand.
        space: what they compare architectures of.
        count: number of random pairs of architectures.
        seed: of the pairs.

    Yields:
        Name of the way, and the largest absolute difference of a probability (NaN if there is one).

    Raises:
        ModelError: if a graph cannot be run.
    """
    generator = np.random.default_rng(seed)
    a, b = (space.graphs(space.sample(count, generator)) for _ in range(2))
    expected = _plain(directory / COMPARATOR_FILE, **_named(a, "_a"), **_named(b, "_b"))[0]

    def difference(challenger: Any, opponent: Any) -> float:
        return float(np.max(np.abs(_sigmoid(challenger + opponent) - expected)))

    ranker = directory / RANKER_FILE
    challenger, opponent = (_plain(ranker, **_named(side, "")) for side in (a, b))
    yield "plain ONNX Runtime", difference(challenger[0], opponent[1])
    encoder = _core.Encoder(str(ranker), provider="cpu")
    challenger_logit, _ = encoder.encode(a.adjacency, a.operations)
    _, opponent_logit = encoder.encode(b.adjacency, b.operations)
    yield f"the core ({encoder.engine})", difference(challenger_logit, opponent_logit)


def _named(graphs: GraphBatch, suffix: str) -> dict[str, Any]:
    return {f"adjacency{suffix}": graphs.adjacency, f"operations{suffix}": graphs.operations}


def _plain(path: Path, **inputs: Any) -> list[Float64Array]:
    """Run a model as any program would; return its outputs as float64."""
    import onnxruntime

    outputs = (
        ["probability"] if path.name == COMPARATOR_FILE else ["challenger_logit", "opponent_logit"]
    )
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return [np.asarray(found, dtype=np.float64) for found in session.run(outputs, inputs)]
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        raise ModelError(f"ONNX Runtime cannot run {str(path)!r}: {error}") from error


def _sigmoid(logit: Float64Array) -> Float64Array:
    # Written so that no exponential overflows.
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logit)))
