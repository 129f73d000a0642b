"""An exported comparator at work, through the C++ core; PyTorch is never loaded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctnas import _core
from ctnas.architecture import ArchitectureBatch, GraphBatch
from ctnas.checked import check_type, checked_path, known_name, whole
from ctnas.comparator.calibration import Calibration
from ctnas.comparator.separable import Ranking, SeparableComparator
from ctnas.errors import ConfigurationError, InputFileError, ModelError, SpaceError
from ctnas.spaces import SearchSpace, get_space, space_names, space_of_declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ctnas.architecture import Float32Array
    from ctnas.comparator.separable import Architectures

FORMAT_VERSION = "1"
"""Version of the format of exported comparators; `ctnas.format` in their metadata."""
DECLARATION = "ctnas.declaration"
"""Metadata: what `declaration_text` says of the space."""
OPSET = 17
"""Lowest opset with all that a comparator computes: it brought LayerNormalization."""
IR_VERSION = 8
"""Version of the file format that came with that opset."""
PROVIDERS = ("auto", "cpu", "cuda")
"""What can be asked to compute the logits; "auto" is CUDA where it works, else the CPU."""
RANKER_FILE = "ranker.onnx"
_DRAWN_AT_ONCE = 8192
"""Architectures whose graphs are held at once: those of more leave the cache."""
COMPARATOR_FILE = "comparator.onnx"

__all__ = [
    "COMPARATOR_FILE",
    "FORMAT_VERSION",
    "IR_VERSION",
    "OPSET",
    "RANKER_FILE",
    "Comparator",
    "Ranking",
]


class Comparator(SeparableComparator):
    """An exported comparator, ready to compare and rank.

    Threads may share it; results do not depend on their number. It pickles by the bytes of its
    file, so other processes can have it; copies share what cannot change.

    Args:
        encoder: the opened model.
        space: what it compares architectures of.
        opening: the model's bytes, the provider that was asked for and the number of threads.

    Example:
        >>> comparator = Comparator.load("runs/latest")
        >>> best = comparator.rank(comparator.space.sample(100_000, seed=0), top=10)
    """

    def __init__(
        self, encoder: _core.Encoder, space: SearchSpace, opening: tuple[bytes, str, int]
    ) -> None:
        self.space = space
        self._encoder = encoder
        values = encoder.metadata.get("ctnas.values")
        self.calibration = Calibration.from_text(values) if values else None
        self._opening = opening

    def __reduce__(self) -> tuple[Callable[..., Comparator], tuple[object, ...]]:
        space = self.space.name if self.space.name in space_names() else self.space
        return _reopened, (space, *self._opening)

    def __copy__(self) -> Comparator:
        return Comparator(self._encoder, self.space, self._opening)

    def __deepcopy__(self, memo: dict[int, object]) -> Comparator:
        return self.__copy__()

    @classmethod
    def load(
        cls,
        path: str | Path,
        provider: str = "auto",
        threads: int | None = None,
        space: SearchSpace | None = None,
    ) -> Comparator:
        """Open an exported comparator.

        Args:
            path: the directory that `export` wrote, or its `ranker.onnx`.
            provider: "cpu", "cuda" (an error where it does not work) or "auto".
            threads: number of threads that encode; one for each core if None.
            space: needed where only a function can wire the comparator's space; otherwise a check.

        Raises:
            InputFileError: if there is no such file.
            ModelError: if the file is corrupt or foreign, or was made for another space, or if the
                directory's `comparator.onnx` has other weights.
            ProviderError: if the provider does not work here; names the missing library.
            ConfigurationError: if there is no such provider, or threads is below 1.
        """
        _check_options(provider, threads)
        place = Path(checked_path("path", path))
        file = _ranker_file(place)
        opening = (_contents(file), provider, int(threads or 0))
        try:
            encoder = _encoder(*opening)
        except ModelError as error:
            # The core names the file only where it is no ONNX model at all.
            reason = str(error).removeprefix(f"{file}: ")
            raise ModelError(f"{str(file)!r}: {reason}") from None
        if place != file:
            # As bytes: a name need not be UTF-8.
            _core.require_same_weights(os.fsencode(place))
        return cls(encoder, _matching_space(encoder.metadata, space, file), opening)

    @classmethod
    def of_bytes(cls, model: bytes, provider: str, threads: int, space: SearchSpace) -> Comparator:
        """Open an exported comparator that was checked before.

        Args:
            model: the bytes of its `ranker.onnx`.
            provider: "auto", "cpu" or "cuda".
            threads: number of threads that encode; 0: one for each core.
            space: of its architectures.

        Raises:
            InvalidTypeError, ConfigurationError: if these are no such arguments.
        """
        check_type("model", model, bytes)
        check_type("space", space, SearchSpace)
        known_name("provider", provider, PROVIDERS, ConfigurationError)
        threads = whole("threads", threads, 0)
        return cls(_encoder(model, provider, threads), space, (model, provider, threads))

    def encode(self, architectures: Architectures) -> tuple[Float32Array, Float32Array]:
        """Return challenger and opponent logits, float32 [N] each.

        Raises:
            ArchitectureError: if the architectures are not of this comparator's space.
        """
        if not isinstance(architectures, ArchitectureBatch) or len(architectures) <= _DRAWN_AT_ONCE:
            return super().encode(architectures)
        challenger, opponent = (np.empty(len(architectures), np.float32) for _ in range(2))
        for start in range(0, len(architectures), _DRAWN_AT_ONCE):
            part = slice(start, start + _DRAWN_AT_ONCE)
            challenger[part], opponent[part] = super().encode(architectures[part])
        return challenger, opponent

    def encode_graphs(self, graphs: GraphBatch) -> tuple[Float32Array, Float32Array]:
        """Return challenger and opponent logits, float32 [N] each, of N graphs."""
        check_type("graphs", graphs, GraphBatch, "space.graphs makes them")
        return self._encoder.encode(graphs.adjacency, graphs.operations)

    @property
    def metadata(self) -> dict[str, str]:
        """What was exported with the weights: space, labels, Kendall's tau, versions."""
        return self._encoder.metadata

    @property
    def provider(self) -> str:
        """The execution provider in use, "cpu" or "cuda"."""
        return self._encoder.provider

    @property
    def engine(self) -> str:
        """What computes the logits: "avx512", "avx2", "baseline" or "onnxruntime".

        The first three are the core's own loops, compiled for the instructions that they name.
        """
        return self._encoder.engine

    @property
    def provider_reason(self) -> str:
        """Why that provider, for people."""
        return self._encoder.provider_reason


def _contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputFileError(f"cannot read {str(file)!r}: {error.strerror}") from None


def _encoder(model: bytes, provider: str, threads: int) -> _core.Encoder:
    return _core.Encoder(model, provider=provider, threads=threads)


def _reopened(space: str | SearchSpace, *opening: Any) -> Comparator:
    """Return a comparator from what it pickles to."""
    known = get_space(space) if isinstance(space, str) else space
    model, provider, threads = opening
    return Comparator.of_bytes(model, provider, threads, known)


def _check_options(provider: str, threads: int | None) -> None:
    known_name("provider", provider, PROVIDERS, ConfigurationError)
    if threads is not None:
        whole("threads", threads, 1)


def _ranker_file(path: Path) -> Path:
    if path.is_dir():
        path = path / RANKER_FILE
    if not path.is_file():
        raise InputFileError(f"no exported comparator at {str(path)!r}")
    return path


def declared_space(metadata: Mapping[str, str], file: Path) -> SearchSpace:
    """Return the space that a comparator says it was made for.

    Raises:
        ModelError: if it is neither built in nor declared in the metadata, or damaged there.
    """
    name = metadata.get("ctnas.space", "")
    declared = metadata.get(DECLARATION)
    if name in space_names():
        space = get_space(name)
        # A space of one's own may have the name of a built-in one.
        if declared is None or metadata.get("ctnas.vocabulary") == json.dumps(space.vocabulary):
            return space
    if declared is not None:
        try:
            space = space_of_declaration(declared)
        except SpaceError as error:
            raise ModelError(f"{str(file)!r}: {error}") from None
        if space.name == name:
            return space
    raise ModelError(
        f"{str(file)!r} was made for space {name!r}, which is neither built in nor declared in the "
        "file: pass that space to Comparator.load, or the TOML file that declares it by --space"
    )


def _matching_space(metadata: dict[str, str], space: SearchSpace | None, file: Path) -> SearchSpace:
    """Return the space that the comparator was made for, checked against its metadata."""
    name = metadata.get("ctnas.space", "")
    if space is None:
        space = declared_space(metadata, file)
    if name != space.name:
        raise ModelError(f"{str(file)!r} was made for space {name!r}, not for space {space.name!r}")
    if metadata.get("ctnas.vocabulary") != json.dumps(space.vocabulary):
        raise ModelError(
            f"{str(file)!r} knows other operations than this version of space {name!r}"
        )
    if metadata["ctnas.nodes"] != str(space.nodes):
        raise ModelError(
            f"{str(file)!r} compares graphs of {metadata['ctnas.nodes']} nodes; "
            f"those of this version of space {name!r} have {space.nodes}"
        )
    return space
