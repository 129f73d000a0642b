"""The Neural Architecture Comparator (section 4)."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ctnas.app.atomic import replacing
from ctnas.app.torch_state import own_state
from ctnas.architecture import GraphBatch
from ctnas.checked import check_type, checked_path
from ctnas.comparator.encoders import make_encoder
from ctnas.comparator.export import pair_graph, ranker_graph, space_metadata, weights_hash
from ctnas.comparator.metrics import kendall_tau
from ctnas.comparator.runtime import COMPARATOR_FILE, RANKER_FILE
from ctnas.comparator.separable import SeparableComparator
from ctnas.errors import OutputError
from ctnas.labels.label_set import LabelSet

if TYPE_CHECKING:
    from ctnas.architecture import Float32Array
    from ctnas.comparator.presets import EncoderConfig
    from ctnas.comparator.prior import Prior
    from ctnas.spaces import SearchSpace

CHUNK = 4096
"""Architectures encoded at once; keeps the activations small."""


class NeuralArchitectureComparator(SeparableComparator):
    """A comparator that can still learn; `export` makes the one that is deployed.

    Args:
        space: what it compares architectures of.
        config: shape of its graph network.

    Attributes:
        encoder: the graph network, a torch module.
        label_count: number of labels that it was fitted to.
        metric: what those labels measure.
        held_out_tau: Kendall's tau on labels that it has not seen, if that was computed.
        noise: standard deviation of the noise of a label, in its unit, if that was estimated.
        priors: what was known besides labels when it was fitted.
    """

    def __init__(self, space: SearchSpace, config: EncoderConfig) -> None:
        self.space = space
        self.config = config
        self.encoder = make_encoder(space.vocabulary, config).float()
        self.label_count = 0
        self.metric = ""
        self.held_out_tau: float | None = None
        self.noise: float | None = None
        self.priors: list[Prior] = []

    def encode_graphs(self, graphs: GraphBatch) -> tuple[Float32Array, Float32Array]:
        """Return challenger and opponent logits, float32 [N] each, of N graphs."""
        check_type("graphs", graphs, GraphBatch, "space.graphs makes them")
        self.encoder.eval()
        halves = []
        with own_state(), torch.inference_mode():
            for start in range(0, len(graphs), CHUNK):
                part = graphs[start : start + CHUNK]
                adjacency = torch.from_numpy(part.adjacency).float()
                halves.append(self.encoder(adjacency, torch.from_numpy(part.operations)))
        if not halves:
            return np.empty(0, np.float32), np.empty(0, np.float32)
        challenger, opponent = (torch.cat(half).numpy() for half in zip(*halves, strict=True))
        return challenger, opponent

    def kendall_tau(self, labels: LabelSet) -> float:
        """Return Kendall's tau-b between win probability and labels."""
        check_type("labels", labels, LabelSet, "LabelSet.read takes a table")
        return kendall_tau(self.win_probability(labels.architectures), labels.values)

    def metadata(self) -> dict[str, str]:
        """Return the metadata properties of the exported files, but for the encoder's kind."""
        tau = "" if self.held_out_tau is None else f"{self.held_out_tau:.6f}"
        return space_metadata(self.space) | {
            "ctnas.head": "separable",
            "ctnas.weights_hash": weights_hash(self.encoder.fold()),
            "ctnas.kendall_tau": tau,
            "ctnas.labels": str(self.label_count),
            "ctnas.metric": self.metric,
            "ctnas.values": "" if self.calibration is None else self.calibration.to_text(),
            "ctnas.version": version("ctnas"),
        }

    def export(self, directory: str | Path) -> None:
        """Write `comparator.onnx` and `ranker.onnx`; both are written before either appears.

        Raises:
            OutputError: if the directory cannot be written.
        """
        directory = Path(checked_path("directory", directory))
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {str(directory)!r}: {error.strerror}") from error
        weights, metadata = self.encoder.fold(), self.metadata()
        graphs = [
            make(self.config.kind, weights, self.space.nodes) for make in (pair_graph, ranker_graph)
        ]
        with (
            replacing(directory / COMPARATOR_FILE) as comparator,
            replacing(directory / RANKER_FILE) as ranker,
        ):
            for graph, temporary in zip(graphs, (comparator, ranker), strict=True):
                graph.describe(metadata)
                temporary.write_bytes(graph.to_bytes())
