"""The learning comparator inside the C++ core: exported once, refreshed as it learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctnas import _core
from ctnas.comparator.export import ranker_graph, space_metadata

if TYPE_CHECKING:
    from ctnas.architecture import ArchitectureBatch, Float32Array, Float64Array
    from ctnas.comparator.nac import NeuralArchitectureComparator


@dataclass(frozen=True, slots=True)
class Logits:
    """Both halves of every comparison that N architectures can take part in.

    Attributes:
        challenger: float32 [N].
        opponent: float32 [N].
    """

    challenger: Float32Array
    opponent: Float32Array

    def win_probability(self) -> Float64Array:
        """Return Eq. 5 over the N architectures, float64 [N]."""
        return _core.mean_win_probability(self.challenger, self.opponent)


class CoreScorer:
    """Scores batches with the latest weights of a comparator.

    Args:
        comparator: the one that learns.
        provider: "auto", "cpu" or "cuda".

    Attributes:
        encoder: the core's, with the weights of the last `refresh`.
    """

    def __init__(self, comparator: NeuralArchitectureComparator, provider: str) -> None:
        self._comparator = comparator
        weights = comparator.encoder.fold()
        self._graph = ranker_graph(comparator.config.kind, weights, comparator.space.nodes)
        self._graph.describe(space_metadata(comparator.space))
        self.encoder = _core.Encoder(self._graph.to_bytes(), provider=provider)

    @property
    def provider(self) -> str:
        """The execution provider in use."""
        return self.encoder.provider

    @property
    def engine(self) -> str:
        """What computes: "onnxruntime", or the instruction set of the core's own loops."""
        return self.encoder.engine

    def refresh(self) -> None:
        """Go over to the comparator's present weights."""
        self._graph.replace(self._comparator.encoder.fold())
        self.encoder.refresh(self._graph.to_bytes())

    def encode(self, batch: ArchitectureBatch) -> Logits:
        """Encode N architectures once."""
        graphs = self._comparator.space.graphs(batch)
        return Logits(*self.encoder.encode(graphs.adjacency, graphs.operations))
