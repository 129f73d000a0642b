"""Latencies of architectures: built networks, timed by ONNX Runtime, each one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.app.counted import counted
from ctnas.app.json_file import read_note, write_json
from ctnas.app.threads import one_thread
from ctnas.app.torch_state import own_state
from ctnas.labels.label import Label, repetition_attributes
from ctnas.networks.latency import LatencyConfig, measure_latency
from ctnas.networks.onnx_conversion import onnx_model
from ctnas.networks.program import trace
from ctnas.supernet.build import build_supernet
from ctnas.supernet.layouts import space_of_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.networks.latency import Latency
    from ctnas.supernet.layouts import Layout


class LatencyMeter:
    """Builds networks and times them.

    A latency does not depend on weights: the networks have fresh ones.

    Args:
        space: name of their search space.
        layout: their sizes.
        config: how they are timed.
        say: told of repetitions that spread.

    Attributes:
        space: the search space.
        layout: sizes of the networks.
        config: how they are timed.
    """

    def __init__(
        self, space: str, layout: Layout, config: LatencyConfig, say: Callable[[str], None]
    ) -> None:
        self.space, self.layout = space_of_layout(space, layout), layout
        self.config, self._say = config, say
        channels = layout.image_channels
        with own_state():
            self._supernet = build_supernet(space, layout, [0.0] * channels, [1.0] * channels)

    def __str__(self) -> str:
        size = self.layout.image_size
        return f"{self.config}, image {self.layout.image_channels}x{size}x{size}"

    def time(self, architecture: ArchitectureBatch) -> Latency:
        """Return the latency of one architecture.

        Raises:
            ProviderError: if ONNX Runtime has no such provider here, or cannot run the network.
        """
        size = self.layout.image_size
        (path,) = self._supernet.paths(architecture)
        with one_thread():
            network = self._supernet.single_path(path).eval()
            program = trace(network, (self.layout.image_channels, size, size))
            model = bytes(onnx_model(program).SerializeToString())
            return measure_latency(model, self.config, self._say)

    def label(self, text: str) -> Label:
        """Return the latency of an architecture as a label, milliseconds, with its repetitions."""
        found = self.time(self.space.parse([text]))
        repeated = repetition_attributes(self.config.repeats, found.deviation)
        return Label(found.milliseconds, repeated)


class MeasuredLatencies:
    """Measures latencies in milliseconds here, and keeps them in a file.

    Args:
        meter: measures.
        path: of the file.
        progress: shows measurements.
    """

    def __init__(self, meter: LatencyMeter, path: Path, progress: Progress) -> None:
        self._meter, self._path, self._progress = meter, path, progress
        self._known: dict[str, float] = read_note(path, "milliseconds")[0] if path.exists() else {}

    def of(self, batch: ArchitectureBatch, texts: Sequence[str]) -> Float64Array:
        """Return the latencies of N architectures, float64 [N], milliseconds.

        Args:
            batch: the architectures.
            texts: their texts.
        """
        missing = [row for row, text in enumerate(texts) if text not in self._known]
        if missing:
            title = f"Measure {counted(len(missing), 'latency', 'latencies')}"
            with self._progress.stage(title) as advance:
                for done, row in enumerate(missing, start=1):
                    self._known[texts[row]] = self._meter.time(batch[[row]]).milliseconds
                    write_json(self._path, {"milliseconds": self._known})
                    advance(done, len(missing))
        return np.array([self._known[text] for text in texts])
