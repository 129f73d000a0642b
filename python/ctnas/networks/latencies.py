"""Latencies of architectures: built networks, timed by ONNX Runtime, each one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ctnas.app.json_file import read_note, write_json
from ctnas.app.threads import one_thread
from ctnas.networks.latency import LatencyConfig, measure_latency
from ctnas.networks.onnx_conversion import onnx_model
from ctnas.networks.program import trace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ctnas.app.progress import Progress
    from ctnas.architecture import ArchitectureBatch, Float64Array
    from ctnas.supernet.network import Supernet


class MeasuredLatencies:
    """Measures latencies in milliseconds, and keeps them in a file.

    A latency does not depend on weights: the networks have fresh ones.

    Args:
        supernet: builds the networks.
        path: of the file.
        progress: shows measurements, and where repetitions spread.
        config: how it is measured.
    """

    def __init__(
        self,
        supernet: Supernet,
        path: Path,
        progress: Progress,
        config: LatencyConfig | None = None,
    ) -> None:
        self._supernet, self._path, self._progress = supernet, path, progress
        self._config = config or LatencyConfig()
        self._known: dict[str, float] = read_note(path, "milliseconds")[0] if path.exists() else {}

    def of(self, batch: ArchitectureBatch, texts: Sequence[str]) -> Float64Array:
        """Return the latencies of N architectures, float64 [N], milliseconds.

        Args:
            batch: the architectures.
            texts: their texts.
        """
        missing = [row for row, text in enumerate(texts) if text not in self._known]
        if missing:
            title = f"Measure {len(missing)} latencies"
            with self._progress.stage(title) as advance, one_thread():
                for done, row in enumerate(missing, start=1):
                    self._known[texts[row]] = self._measured(batch[[row]])
                    write_json(self._path, {"milliseconds": self._known})
                    advance(done, len(missing))
        return np.array([self._known[text] for text in texts])

    def _measured(self, architecture: ArchitectureBatch) -> float:
        layout = self._supernet.layout
        shape = layout.image_channels, layout.image_size, layout.image_size
        network = self._supernet.single_path(self._supernet.paths(architecture)[0]).eval()
        model = bytes(onnx_model(trace(network, shape)).SerializeToString())
        return measure_latency(model, self._config, self._progress.say).milliseconds
