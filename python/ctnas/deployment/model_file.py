"""An exported ONNX file as it stands on disk: what it declares, without running it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas.errors import InputFileError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import onnx

_WEIGHT = "encoder."
"""How the names of the weights begin among the initializers."""


@dataclass(frozen=True, slots=True)
class TensorType:
    """An input or output of a model.

    Attributes:
        name: its name.
        dtype: NumPy's name of the element type.
        shape: sizes of the dimensions; None for the batch.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        sizes = ", ".join("N" if size is None else str(size) for size in self.shape)
        return f"{self.name} {self.dtype} [{sizes}]"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What an ONNX file declares.

    Attributes:
        path: the file.
        opsets: domain -> version; "" is the standard domain.
        properties: the metadata properties.
        inputs: in the order of the graph.
        outputs: in the order of the graph.
        weights_hash: SHA-256 of the weights that the file holds, as the export computes it.
    """

    path: Path
    opsets: Mapping[str, int]
    properties: Mapping[str, str]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    weights_hash: str

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """Read a file.

        Raises:
            InputFileError: if it cannot be read.
            ModelError: if it is no valid ONNX file.
        """
        model = _load(path)
        return cls(
            path,
            {entry.domain: entry.version for entry in model.opset_import},
            {entry.key: entry.value for entry in model.metadata_props},
            tuple(map(_declared, model.graph.input)),
            tuple(map(_declared, model.graph.output)),
            _hash(model.graph.initializer),
        )


def _load(path: Path) -> onnx.ModelProto:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(f"cannot read {str(path)!r}: {error.strerror}") from None
    try:
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except (DecodeError, onnx.checker.ValidationError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{str(path)!r} is no valid ONNX file: {reason}") from None
    return model


def _declared(value: onnx.ValueInfoProto) -> TensorType:
    from onnx import helper

    tensor = value.type.tensor_type
    sizes = [size.dim_value if size.HasField("dim_value") else None for size in tensor.shape.dim]
    return TensorType(
        value.name, str(helper.tensor_dtype_to_np_dtype(tensor.elem_type)), tuple(sizes)
    )


def _hash(initializers: Iterable[onnx.TensorProto]) -> str:
    """Return the SHA-256 of the weights, in the order of their names."""
    from onnx import numpy_helper

    weights = {
        tensor.name.removeprefix(_WEIGHT): numpy_helper.to_array(tensor)
        for tensor in initializers
        if tensor.name.startswith(_WEIGHT)
    }
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()
