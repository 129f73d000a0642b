"""A model repository for NVIDIA Triton: both models, batched while they are served."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ctnas import _core
from ctnas.app.atomic import replacing_directory
from ctnas.comparator.runtime import COMPARATOR_FILE, RANKER_FILE
from ctnas.deployment.model_file import ModelFile, TensorType
from ctnas.errors import ConfigurationError, InputFileError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

MODEL_FILES = (COMPARATOR_FILE, RANKER_FILE)
"""Each is a model of its own."""

_MARK = "# Written by ctnas-export.\n"
"""How every configuration begins that may be replaced."""
_TYPES = {"uint8": "TYPE_UINT8", "int64": "TYPE_INT64", "float32": "TYPE_FP32"}


@dataclass(frozen=True, slots=True)
class TritonOptions:
    """How the models are served.

    Attributes:
        name: what the names of both models begin with.
        max_batch_size: most architectures, or pairs, of one run.
        queue_delay: microseconds that a request may wait for others to be batched with.
        instances: copies of each model on every device.
    """

    name: str = "ctnas"
    max_batch_size: int = 4096
    queue_delay: int = 100
    instances: int = 1

    def __post_init__(self) -> None:
        if not self.name or not all(part.isalnum() for part in self.name if part not in "-_"):
            raise ConfigurationError(
                f"name must be of letters, digits, - and _ for Triton, not {self.name!r}"
            )
        for option, least in (("max_batch_size", 2), ("queue_delay", 0), ("instances", 1)):
            value = getattr(self, option)
            if not least <= value < 2**31:
                raise ConfigurationError(f"{option} must be from {least} to 2**31 - 1, not {value}")


def write_triton_repository(
    comparator: Path, repository: Path, options: TritonOptions | None = None
) -> list[str]:
    """Write a model repository; it appears whole or not at all.

    Args:
        comparator: directory of an exported comparator.
        repository: where to write; a repository that this function wrote is replaced.
        options: how the models are served.

    Returns:
        The names of the models.

    Raises:
        InputFileError: if a model is missing.
        ModelError: if the models do not belong together, or are not of the kind that is served.
        OutputError: if there is something else at `repository`, or it cannot be written.
    """
    options = options or TritonOptions()
    missing = [file for file in MODEL_FILES if not (comparator / file).is_file()]
    if missing:
        raise InputFileError(f"no exported comparator at {str(comparator)!r}: no {missing[0]}")
    _core.require_same_weights(comparator)
    models = {f"{options.name}_{Path(file).stem}": comparator / file for file in MODEL_FILES}
    texts = {name: model_configuration(name, path, options) for name, path in models.items()}
    with replacing_directory(repository, _is_ours) as temporary:
        for name, path in models.items():
            version = temporary / name / "1"
            version.mkdir(parents=True)
            (temporary / name / "config.pbtxt").write_text(texts[name], encoding="utf-8")
            shutil.copyfile(path, version / "model.onnx")
    return [*models]


def model_configuration(name: str, path: Path, options: TritonOptions) -> str:
    """Return the configuration of one model, as `config.pbtxt` has it.

    Raises:
        ModelError: if an input or output has a type or dimension that cannot be served.
    """
    model = ModelFile.read(path)
    return _MARK + "\n".join(
        [
            f'name: "{name}"',
            'backend: "onnxruntime"',
            f"max_batch_size: {options.max_batch_size}",
            *(_tensor("input", tensor, path) for tensor in model.inputs),
            *(_tensor("output", tensor, path) for tensor in model.outputs),
            f"dynamic_batching {{\n  max_queue_delay_microseconds: {options.queue_delay}\n}}",
            f"instance_group [\n  {{\n    count: {options.instances}\n    kind: KIND_AUTO\n  }}\n]",
            "",
        ]
    )


def _tensor(side: str, tensor: TensorType, path: Path) -> str:
    batch, *sizes = tensor.shape or (0,)
    if tensor.dtype not in _TYPES or batch is not None or None in sizes:
        raise ModelError(f"{str(path)!r} has {side} {tensor}, which is not served in batches")
    lines = [f'name: "{tensor.name}"', f"data_type: {_TYPES[tensor.dtype]}"]
    if sizes:
        lines.append(f"dims: [ {_listed(sizes)} ]")
    else:
        # A request has at least one dimension beside the batch, the model has none.
        lines += ["dims: [ 1 ]", "reshape: { shape: [ ] }"]
    body = "\n".join(f"    {line}" for line in lines)
    return f"{side} [\n  {{\n{body}\n  }}\n]"


def _listed(sizes: Iterable[int | None]) -> str:
    return ", ".join(map(str, sizes))


def _is_ours(repository: Path) -> bool:
    """Return whether a directory holds nothing but models that this module wrote."""
    return all(_is_our_model(entry) for entry in repository.iterdir())


def _is_our_model(entry: Path) -> bool:
    configuration = entry / "config.pbtxt"
    if not configuration.is_file():
        return False
    return configuration.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
